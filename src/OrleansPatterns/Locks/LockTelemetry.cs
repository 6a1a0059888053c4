using System.Diagnostics;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Locks;

/// <summary>Asking for a lock in the traces.</summary>
internal static class LockTelemetry
{
    /// <summary>Begins the activity of one acquire.</summary>
    internal static Activity? Acquire(LockAsk ask)
    {
        var activity = PatternActivities.Source.StartActivity("lock acquire", ActivityKind.Client);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("orleanspatterns.lock.key", ask.Name);
            activity.SetTag("orleanspatterns.lock.mode", TagValue<LockMode>.Of(ask.Mode));
        }

        return activity;
    }

    /// <summary>That others held the lock is an answer, and no error.</summary>
    internal static void Ended(Activity? activity, LockAcquireOutcome outcome, HeldLock? hold)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        activity.SetTag("orleanspatterns.lock.outcome", TagValue<LockAcquireOutcome>.Of(outcome));
        if (hold is not null)
        {
            activity.SetTag("orleanspatterns.lock.fencing_token", hold.Grant.FencingToken);
        }
    }
}
