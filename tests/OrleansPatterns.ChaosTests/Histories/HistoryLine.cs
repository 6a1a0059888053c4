namespace OrleansPatterns.ChaosTests.Histories;

/// <summary>
/// A line of a process' history: a call, or with the same number its answer. Each is in the file before the process goes on, so that of one that is killed
/// the call is known, and that there was no answer.
/// </summary>
internal sealed record HistoryLine(
    long Number, long At, bool IsAnswer, string Action, string Key, Outcome Outcome = Outcome.Unknown, long? Token = null, string? Value = null, string? Detail = null);
