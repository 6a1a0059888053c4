namespace OrleansPatterns.Server.Locks;

/// <summary>How claims are made.</summary>
/// <param name="IsWriteThrough">Whether every decision is written before it is answered, so that a claim needs neither tokens nor time ahead.</param>
/// <param name="Slack">How much longer than the longest lease a claim lasts.</param>
/// <param name="TokenBlock">How many tokens a claim reserves.</param>
internal readonly record struct LockTerms(bool IsWriteThrough, TimeSpan Slack, int TokenBlock);
