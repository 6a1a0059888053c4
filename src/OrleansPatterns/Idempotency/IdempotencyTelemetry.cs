using System.Diagnostics;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Idempotency;

/// <summary>An idempotent operation in the traces: asking for it, and, where it is run by us, the work.</summary>
internal static class IdempotencyTelemetry
{
    /// <summary>Begins the activity of asking whether the work is the caller's.</summary>
    internal static Activity? Begin(IdempotencyKey key) => Start("idempotency begin", ActivityKind.Client, key);

    internal static void Begun(Activity? activity, IdempotencyOutcome outcome, long executionToken)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        activity.SetTag("orleanspatterns.idempotency.outcome", TagValue<IdempotencyOutcome>.Of(outcome));
        if (executionToken != 0)
        {
            activity.SetTag("orleanspatterns.idempotency.execution_token", executionToken);
        }
    }

    /// <summary>Begins the activity around the work and the recording of its result.</summary>
    internal static Activity? Execute(IdempotentExecution execution)
    {
        var activity = Start("idempotency execute", ActivityKind.Internal, execution.Key);
        activity?.SetTag("orleanspatterns.idempotency.execution_token", execution.ExecutionToken);
        return activity;
    }

    private static Activity? Start(string name, ActivityKind kind, IdempotencyKey key)
    {
        var activity = PatternActivities.Source.StartActivity(name, kind);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("orleanspatterns.idempotency.key", key.ToString());
        }

        return activity;
    }
}
