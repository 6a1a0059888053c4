namespace OrleansPatterns.Server.Locks;

/// <summary>What a holder proves itself by.</summary>
internal readonly record struct LockGrantId(Guid RequestId, long Token);
