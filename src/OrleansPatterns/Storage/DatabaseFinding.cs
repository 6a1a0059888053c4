namespace OrleansPatterns.Storage;

/// <summary>What a database was found to be.</summary>
/// <param name="Fit">Whether it is what this process needs.</param>
/// <param name="Description">The same for people, without hosts, users and the like: it may be shown to everybody.</param>
/// <param name="Fault">What stood in the way, for the log; <see langword="null"/>: nothing.</param>
internal sealed record DatabaseFinding(DatabaseFit Fit, string Description, Exception? Fault = null);
