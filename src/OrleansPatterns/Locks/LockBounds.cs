namespace OrleansPatterns.Locks;

/// <summary>The durations that client and grain agree on, and the bounds of what a request may ask for.</summary>
internal static class LockBounds
{
    internal const int MaxOwnerLength = 256;

    /// <summary>How many releases one request may repeat.</summary>
    internal const int MaxReleases = 16;

    internal static readonly TimeSpan MinLease = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan MaxLease = TimeSpan.FromMinutes(10);

    /// <summary>The longest that one <see cref="ILockGrain.AcquireAsync"/> may park: far below Orleans' response timeout of 30 seconds.</summary>
    internal static readonly TimeSpan MaxWaitSlice = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long our client parks at a time. A silo that died without a word is noticed that much later, and Orleans holds up the deactivation
    /// of a grain, as in a planned shutdown, until its parked calls have returned.
    /// </summary>
    internal static readonly TimeSpan WaitSlice = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How much longer than its slice a waiter may stay silent before it lapses: time for an answer that was lost and the next attempt. A live
    /// waiter that lapses all the same asks again and gets its place back, so this only bounds how long a dead one is taken for alive.
    /// </summary>
    internal static readonly TimeSpan WaitGrace = TimeSpan.FromSeconds(6);

    /// <summary>How long a waiter has to confirm a grant before the next one in the queue gets it.</summary>
    internal static readonly TimeSpan ProvisionalLease = TimeSpan.FromSeconds(2);

    internal static void Check(LockRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckRequestId(request.RequestId);
        CheckLease(request.Lease);
        CheckOwner(request.Owner);
        CheckMode(request.Mode, request.Permits);
        if (request.WaitedFor < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                nameof(request), request.WaitedFor, "WaitedFor is a duration and not negative. Send zero with the first attempt.");
        }

        if (request.WaitFor < TimeSpan.Zero || request.WaitFor > MaxWaitSlice)
        {
            throw new ArgumentOutOfRangeException(
                nameof(request), request.WaitFor, $"WaitFor is zero to {MaxWaitSlice}. Wait longer by asking again.");
        }

        if (request.Releases.IsDefault || request.Releases.Length > MaxReleases)
        {
            throw new ArgumentException($"A request repeats at most {MaxReleases} releases. Release the rest by calls of their own.", nameof(request));
        }

        if (request.Upgrades != Guid.Empty && request.Mode != LockMode.Write)
        {
            throw new ArgumentException($"An upgrade asks for LockMode.Write; this one asks for {request.Mode}.", nameof(request));
        }
    }

    internal static void Check(LockRenewal renewal)
    {
        ArgumentNullException.ThrowIfNull(renewal);
        CheckLease(renewal.Lease);
        CheckOwner(renewal.Owner);
        CheckMode(renewal.Mode, renewal.Permits);
        if (renewal.HeldFor < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(renewal), renewal.HeldFor, "HeldFor is a duration and not negative.");
        }
    }

    internal static void CheckRequestId(Guid requestId)
    {
        if (requestId == Guid.Empty)
        {
            throw new ArgumentException("A request for a lock has an id that no other has; this one is empty. Use Guid.NewGuid().", nameof(requestId));
        }
    }

    private static void CheckOwner(string owner)
    {
        if (owner is not { Length: >= 1 and <= MaxOwnerLength })
        {
            throw new ArgumentException(
                $"The owner of a lock is 1 to {MaxOwnerLength} characters long; this one has {owner?.Length ?? 0}. Say who asks, briefly.",
                nameof(owner));
        }
    }

    private static void CheckLease(TimeSpan lease)
    {
        if (lease < MinLease || lease > MaxLease)
        {
            throw new ArgumentOutOfRangeException(nameof(lease), lease, $"A lease is {MinLease} to {MaxLease}. Longer holds are renewed.");
        }
    }

    private static void CheckMode(LockMode mode, int permits)
    {
        if (!Enum.IsDefined(mode) || mode == LockMode.None)
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "The mode is Write, Read, UpgradeableRead or Permit.");
        }

        if (mode == LockMode.Permit ? permits < 1 : permits != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(permits), permits, "A semaphore has at least 1 permit, and only a semaphore has any. Set Permits together with LockMode.Permit.");
        }
    }
}
