namespace OrleansPatterns.Locks;

/// <summary>A lock could not be granted because the cluster or its database did not answer. Nothing is held.</summary>
/// <remarks>
/// Not the same as a lock that others hold: that is <see langword="null"/> or <see cref="TimeoutException"/>. A request that may have been
/// granted unheard is withdrawn, and its grant lapses by itself.
/// </remarks>
[GenerateSerializer, Alias("OrleansPatterns.LockUnavailableException")]
public sealed class LockUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="lockName">The lock's name.</param>
    /// <param name="reason">What stood in the way, as a sentence.</param>
    /// <param name="innerException">The fault behind it.</param>
    public LockUnavailableException(string lockName, string reason, Exception innerException)
        : base($"Lock '{lockName}' was not granted: {reason} Check that silos run and reach PostgreSQL, then ask again.", innerException) =>
        LockName = lockName;

    /// <summary>The lock's name.</summary>
    [Id(0)]
    public string LockName { get; }
}
