namespace OrleansPatterns.Server.Locks;

/// <summary>All that a decision about a lock depends on, beside the time.</summary>
internal readonly record struct LockState(LockRecord Record, LockQueue Queue);
