namespace OrleansPatterns.Server.Locks;

/// <summary>A command's outcome.</summary>
/// <param name="Next">The state afterwards; the same instance when nothing has changed.</param>
/// <param name="Reply">The answer; means nothing while a write is needed.</param>
/// <param name="NeedsWrite">Nothing can be answered before the claim has been written (again); then the command is decided anew.</param>
internal readonly record struct LockDecision<TReply>(LockState Next, TReply Reply, bool NeedsWrite = false);
