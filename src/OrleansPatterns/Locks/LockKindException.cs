namespace OrleansPatterns.Locks;

/// <summary>One name was used for a lock and for a semaphore, or for semaphores of different sizes. Nothing was granted.</summary>
/// <remarks>The name keeps its kind while anybody holds it or waits for it, and takes that of the next request when it is free.</remarks>
[GenerateSerializer, Alias("OrleansPatterns.LockKindException")]
public sealed class LockKindException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="lockName">The name.</param>
    /// <param name="permitsInUse">The size of the semaphore that it is; 0: it is a lock.</param>
    /// <param name="permitsAskedFor">The size of the semaphore that was asked for; 0: a lock was asked for.</param>
    public LockKindException(string lockName, int permitsInUse, int permitsAskedFor)
        : base(
            $"'{lockName}' is in use as {Kind(permitsInUse)} and was asked for as {Kind(permitsAskedFor)}. "
            + "Use another name, or the same size everywhere; a name that nobody holds or waits for takes the new kind.")
    {
        LockName = lockName;
        PermitsInUse = permitsInUse;
        PermitsAskedFor = permitsAskedFor;
    }

    /// <summary>The name.</summary>
    [Id(0)]
    public string LockName { get; }

    /// <summary>The size of the semaphore that it is; 0: it is a lock or reader-writer lock.</summary>
    [Id(1)]
    public int PermitsInUse { get; }

    /// <summary>The size of the semaphore that was asked for; 0: a lock or reader-writer lock was asked for.</summary>
    [Id(2)]
    public int PermitsAskedFor { get; }

    private static string Kind(int permits) => permits == 0 ? "a lock" : $"a semaphore of {permits}";
}
