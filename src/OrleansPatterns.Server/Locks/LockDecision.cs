namespace OrleansPatterns.Server.Locks;

/// <summary>A command's outcome. The reply may leave only after the record is durable; an unchanged record is the same instance.</summary>
internal readonly record struct LockDecision<TReply>(LockState Next, TReply Reply);
