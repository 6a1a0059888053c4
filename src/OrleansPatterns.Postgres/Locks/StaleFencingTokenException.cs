namespace OrleansPatterns.Postgres.Locks;

/// <summary>A writer came with the fencing token of a lock that has passed on. Nothing of its transaction has taken effect, or can.</summary>
/// <remarks>
/// PostgreSQL has ended the transaction: it can only be rolled back, and a commit rolls it back too. Repeating it with the same token is of no
/// use. Acquire the lock again and decide anew, as the resource may have changed.
/// </remarks>
[GenerateSerializer, Alias("OrleansPatterns.StaleFencingTokenException")]
public sealed class StaleFencingTokenException : Exception
{
    /// <summary>
    /// How PostgreSQL reports it to those who call <c>orleanspatterns_require_fence</c> of <c>sql/004_fencing.sql</c> themselves: the
    /// <c>SqlState</c> of a <c>PostgresException</c>.
    /// </summary>
    public const string SqlState = "OP001";

    /// <summary>Creates the exception.</summary>
    /// <param name="resource">The resource that refused the writer.</param>
    /// <param name="fencingToken">The writer's token.</param>
    /// <param name="newerToken">The highest token that the resource has seen.</param>
    /// <param name="innerException">The refusal as PostgreSQL put it.</param>
    public StaleFencingTokenException(string resource, long fencingToken, long newerToken, Exception innerException)
        : base(
            $"Fencing token {fencingToken} for '{resource}' is stale: token {newerToken} has been seen, so the lock has passed on. Nothing was "
            + "written. Roll the transaction back; to go on, acquire the lock again and decide anew.",
            innerException)
    {
        Resource = resource;
        FencingToken = fencingToken;
        NewerToken = newerToken;
    }

    /// <summary>The resource that refused the writer.</summary>
    [Id(0)]
    public string Resource { get; }

    /// <summary>The writer's token.</summary>
    [Id(1)]
    public long FencingToken { get; }

    /// <summary>The highest token that the resource has seen. Greater than <see cref="FencingToken"/>.</summary>
    [Id(2)]
    public long NewerToken { get; }
}
