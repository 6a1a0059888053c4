namespace OrleansPatterns.CircuitBreakers;

/// <summary>The bounds of what people write and processes call themselves.</summary>
internal static class BreakerBounds
{
    internal const int MaxReasonLength = 512;
    internal const int MaxNameLength = 128;

    internal static readonly TimeSpan MinExpiry = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan MaxExpiry = TimeSpan.FromDays(365);

    internal static void Check(BreakerOverride byHand)
    {
        ArgumentNullException.ThrowIfNull(byHand);
        if (byHand.State is not (BreakerState.Isolated or BreakerState.ForcedClosed or BreakerState.MetricsOnly or BreakerState.Disabled))
        {
            throw new ArgumentOutOfRangeException(
                nameof(byHand), byHand.State, "A breaker is held by hand as Isolated, ForcedClosed, MetricsOnly or Disabled. Close it with CloseAsync.");
        }

        CheckReason(byHand.Reason);
        CheckAuthor(byHand.Author);
        if (byHand.ExpiresAfter is { } expiry && (expiry < MinExpiry || expiry > MaxExpiry))
        {
            throw new ArgumentOutOfRangeException(
                nameof(byHand), expiry, $"ExpiresAfter is {MinExpiry} to {MaxExpiry}. Leave it null to hold the breaker until it is closed by hand.");
        }
    }

    internal static void CheckAuthor(string? author)
    {
        if (author is not null && (string.IsNullOrWhiteSpace(author) || author.Length > MaxNameLength))
        {
            throw new ArgumentException(
                $"An author has 1 to {MaxNameLength} characters, for whoever wants to ask back; this one has {author.Length}.", nameof(author));
        }
    }

    internal static void CheckCaller(string caller)
    {
        if (string.IsNullOrWhiteSpace(caller) || caller.Length > MaxNameLength)
        {
            throw new ArgumentException(
                $"A caller's name has 1 to {MaxNameLength} characters, and no other caller has it; this one has {caller?.Length ?? 0}.", nameof(caller));
        }
    }

    internal static void CheckReason(string reason)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReasonLength)
        {
            throw new ArgumentException(
                $"A reason has 1 to {MaxReasonLength} characters, for whoever finds the breaker open; this one has {reason?.Length ?? 0}.", nameof(reason));
        }
    }
}
