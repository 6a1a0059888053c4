namespace OrleansPatterns.Locks;

/// <summary>What of which lock is wanted.</summary>
/// <param name="Name">As the user gave it.</param>
/// <param name="Key">As the grain knows it.</param>
/// <param name="Mode">What is wanted.</param>
/// <param name="Permits">The size of the semaphore; 0: a lock.</param>
internal sealed record LockAsk(string Name, string Key, LockMode Mode, int Permits = 0);
