using System.Diagnostics;
using OrleansPatterns.Sagas;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.Sagas;

/// <summary>A saga in the traces: one activity when it starts, which carries on the caller's trace, one for each attempt below it, and one at its end.</summary>
internal static class SagaTelemetry
{
    /// <summary>Begins the activity that all others of the saga belong to: its start.</summary>
    internal static Activity? Started(string sagaId, SagaDefinition definition, string? traceParent)
    {
        var activity = Start($"saga {definition.Name}", traceParent);
        activity?.SetTag("orleanspatterns.saga.id", sagaId);
        activity?.SetTag("orleanspatterns.saga.definition", definition.Name);
        activity?.SetTag("orleanspatterns.saga.version", definition.Version);
        return activity;
    }

    /// <summary>It was no start: nobody is shown it.</summary>
    internal static void Withdraw(Activity? activity)
    {
        if (activity is not null)
        {
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            activity.IsAllDataRequested = false;
        }
    }

    /// <summary>Begins an attempt's activity.</summary>
    internal static Activity? Attempt(string sagaId, SagaStepDefinition step, SagaRecord record, SagaMove move)
    {
        var isCompensation = move.Direction == SagaDirection.Compensation;
        var activity = Start(isCompensation ? $"saga.compensate {step.Name}" : $"saga.step {step.Name}", record.TraceParent);
        activity?.SetTag("orleanspatterns.saga.id", sagaId);
        activity?.SetTag("orleanspatterns.saga.definition", record.Definition);
        activity?.SetTag("orleanspatterns.saga.step", step.Name);
        activity?.SetTag("orleanspatterns.saga.attempt", move.Attempt);
        return activity;
    }

    internal static void Ended(Activity? activity, SagaAttemptReport report)
    {
        activity?.SetTag("orleanspatterns.saga.outcome", TagValue<SagaAttemptOutcome>.Of(report.Outcome));
        activity?.SetStatus(report.Outcome == SagaAttemptOutcome.Succeeded ? ActivityStatusCode.Ok : ActivityStatusCode.Error, report.Error);
    }

    /// <summary>Notes the end, as an activity that lasted for as long as the saga.</summary>
    internal static void Ended(string sagaId, SagaRecord record)
    {
        using var activity = Start($"saga.end {record.Definition}", record.TraceParent, record.StartedAt);
        activity?.SetTag("orleanspatterns.saga.id", sagaId);
        activity?.SetTag("orleanspatterns.saga.definition", record.Definition);
        activity?.SetTag("orleanspatterns.saga.phase", TagValue<SagaPhase>.Of(record.Phase));
        activity?.SetStatus(
            record.Phase == SagaPhase.Completed ? ActivityStatusCode.Ok : ActivityStatusCode.Error,
            record.StuckReason ?? record.CompensationReason);
    }

    private static Activity? Start(string name, string? traceParent, DateTimeOffset startedAt = default)
    {
        if (!PatternActivities.Source.HasListeners())
        {
            return null;
        }

        _ = ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        return PatternActivities.Source.StartActivity(name, ActivityKind.Internal, parent, startTime: startedAt);
    }
}
