namespace OrleansPatterns.Locks;

/// <param name="RequestId">The request that was to make a writer of an upgradeable read.</param>
internal sealed record LockUpgrade(Guid RequestId);
