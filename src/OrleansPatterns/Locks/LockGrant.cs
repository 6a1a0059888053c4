namespace OrleansPatterns.Locks;

/// <summary>What a process was granted, and proves itself by.</summary>
internal sealed record LockGrant(string Key, Guid RequestId, LockMode Mode, int Permits, long FencingToken, long Proof);
