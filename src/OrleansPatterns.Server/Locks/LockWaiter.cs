namespace OrleansPatterns.Server.Locks;

/// <summary>A request in the queue. Instants are on the clock of the activation.</summary>
internal sealed record LockWaiter(Guid RequestId, string Owner, TimeSpan Lease, TimeSpan WaitingSince, TimeSpan LapsesAt);
