namespace OrleansPatterns.Storage;

/// <summary>Asks the database of this process, if it has one, whether it is what the process needs.</summary>
internal interface IDatabaseProbe
{
    /// <param name="cancellationToken">Ends the waiting, and is all that does.</param>
    Task<DatabaseFinding> LookAsync(CancellationToken cancellationToken);
}
