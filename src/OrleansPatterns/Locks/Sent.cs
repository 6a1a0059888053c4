namespace OrleansPatterns.Locks;

/// <summary>An answer, and when the attempt that it answers was sent: a lease counts from before the sending, never from the answer.</summary>
/// <param name="Reply">The answer.</param>
/// <param name="SentAt">A timestamp of this process' <see cref="TimeProvider"/>.</param>
internal readonly record struct Sent<TReply>(TReply Reply, long SentAt);
