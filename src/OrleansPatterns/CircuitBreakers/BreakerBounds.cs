namespace OrleansPatterns.CircuitBreakers;

internal static class BreakerBounds
{
    internal const int MaxReasonLength = 512;

    internal static void CheckReason(string reason)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReasonLength)
        {
            throw new ArgumentException(
                $"A reason has 1 to {MaxReasonLength} characters, for whoever finds the breaker open; this one has {reason?.Length ?? 0}.", nameof(reason));
        }
    }
}
