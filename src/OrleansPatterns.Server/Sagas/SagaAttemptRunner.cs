using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>Runs the users' steps beside the grains, and reports how they ended.</summary>
/// <remarks>
/// On the thread pool and not on the grain's scheduler: a step that blocks its thread must not keep its saga from answering, nor its own
/// timeout from firing; a report must get through although the activation that began the attempt has lost a write and is gone.
/// </remarks>
internal sealed partial class SagaAttemptRunner(
    IServiceScopeFactory scopes,
    IGrainFactory grains,
    ClusterCaller caller,
    SagaStepSeal seal,
    IOptions<SagaOptions> options,
    SagaInstruments instruments,
    TimeProvider time,
    ILogger<SagaAttemptRunner> logger,
    ISagaStepInterceptor? interceptor = null)
{
    /// <summary>
    /// How old the record may be when its attempt begins. A process that was paused in between asks whether the attempt still counts: by now another silo
    /// may have given it up, and be undoing the step.
    /// </summary>
    private static readonly TimeSpan MaxRecordAge = TimeSpan.FromSeconds(1);

    /// <summary>Begins to run an attempt. The record must say already that it has begun.</summary>
    /// <param name="sagaId">The saga.</param>
    /// <param name="definition">Its definition.</param>
    /// <param name="record">The record that says so.</param>
    /// <param name="move">The attempt.</param>
    /// <param name="decidedAt">A timestamp from before that record was written.</param>
    internal SagaAttempt Start(string sagaId, SagaDefinition definition, SagaRecord record, SagaMove move, long decidedAt)
    {
        var attempt = new SagaAttempt();

        // Which call happened to set a step going means nothing to the step: no request context, no trace of it.
        using (ExecutionContext.SuppressFlow())
        {
            attempt.Track(Task.Run(() => RunAsync(sagaId, definition, record, move, attempt, decidedAt)));
        }

        return attempt;
    }

    private async Task RunAsync(
        string sagaId, SagaDefinition definition, SagaRecord record, SagaMove move, SagaAttempt attempt, long decidedAt)
    {
        var step = definition.Steps[move.Step];
        try
        {
            var grain = grains.GetSagaAttempts(sagaId);
            if (time.GetElapsedTime(decidedAt) > MaxRecordAge && !await ConfirmAsync(grain, sagaId, step, move))
            {
                LogOutdated(sagaId, step.Name, move.Direction, move.Attempt);
                return;
            }

            using var activity = SagaTelemetry.Attempt(sagaId, step, record, move);
            var startedAt = time.GetTimestamp();
            var report = await ExecuteAsync(sagaId, step, record, move, attempt);
            instruments.Attempted(move.Direction, report.Outcome, time.GetElapsedTime(startedAt));
            if (report.Outcome == SagaAttemptOutcome.Succeeded && definition.IsParallel(step.Stage))
            {
                report = report with { BaseDataJson = definition.Normalize(record.DataJson) };
            }

            SagaTelemetry.Ended(activity, report);

            // Repeated like any client's call: when the write of the outcome fails, the next activation may still take it, and the step is
            // not run again for nothing.
            await caller.CallAsync(
                $"record the outcome of step '{step.Name}' of saga '{sagaId}'",
                _ => grain.CompleteAttemptAsync(report),
                CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The wake-up finds the attempt unanswered and begins the next one.
            LogOutcomeLost(exception, sagaId, step.Name, move.Direction, move.Attempt);
        }
    }

    private Task<bool> ConfirmAsync(ISagaAttempts grain, string sagaId, SagaStepDefinition step, SagaMove move) => caller.CallAsync(
        $"confirm step '{step.Name}' of saga '{sagaId}'",
        _ => grain.ConfirmAttemptAsync(move.Step, move.Direction, move.Attempt),
        CancellationToken.None);

    /// <summary>Runs the step to its end or its timeout, or until it is cut off by the end of the activation.</summary>
    private async Task<SagaAttemptReport> ExecuteAsync(
        string sagaId, SagaStepDefinition step, SagaRecord record, SagaMove move, SagaAttempt attempt)
    {
        var body = Task.Run(() => RunBodyAsync(sagaId, step, record, move, attempt.Ending));
        await ((Task)body).WaitAsync(step.Timeout, time, attempt.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // A step that is through, well or badly, has an outcome, whatever fired in the meantime.
        if (!body.IsCompleted)
        {
            attempt.End();
            Observe(body);
            return attempt.Stopping.IsCancellationRequested ? Interrupted(sagaId, step, move) : Failed(sagaId, step, move, TimedOut(step));
        }

        try
        {
            return Report(move, SagaAttemptOutcome.Succeeded) with { DataJson = await body };
        }
        catch (SagaRejectedException rejection)
        {
            return Report(move, SagaAttemptOutcome.Rejected) with { Error = rejection.Message };
        }
        catch (SagaDataUnreadableException unreadable)
        {
            LogFailed(unreadable, sagaId, step.Name, move.Direction, move.Attempt);
            return Report(move, SagaAttemptOutcome.Unreadable) with { Error = unreadable.Message };
        }
        catch (Exception) when (attempt.Stopping.IsCancellationRequested)
        {
            // However the step takes it that its silo stops.
            return Interrupted(sagaId, step, move);
        }
        catch (IdempotencyInProgressException busy)
        {
            LogBusy(sagaId, step.Name, move.Direction, move.Attempt, busy.RetryAfter);
            return Report(move, SagaAttemptOutcome.Busy) with { Error = busy.Message, RetryAfter = busy.RetryAfter };
        }
        catch (Exception exception)
        {
            return Failed(sagaId, step, move, exception);
        }
    }

    private static TimeoutException TimedOut(SagaStepDefinition step) => new($"It took longer than its timeout of {step.Timeout}.");

    private static SagaAttemptReport Report(SagaMove move, SagaAttemptOutcome outcome) =>
        new() { Step = move.Step, Direction = move.Direction, Attempt = move.Attempt, Outcome = outcome };

    private SagaAttemptReport Interrupted(string sagaId, SagaStepDefinition step, SagaMove move)
    {
        LogInterrupted(sagaId, step.Name, move.Direction, move.Attempt);
        return Report(move, SagaAttemptOutcome.Interrupted);
    }

    private SagaAttemptReport Failed(string sagaId, SagaStepDefinition step, SagaMove move, Exception exception)
    {
        LogFailed(exception, sagaId, step.Name, move.Direction, move.Attempt);
        var retry = move.Direction == SagaDirection.Action ? step.Retry : step.CompensationRetry;
        var isWorthAnother = exception is not SagaDataTooLargeException && IsWorthAnother(retry, exception);
        return Report(move, isWorthAnother ? SagaAttemptOutcome.Failed : SagaAttemptOutcome.FailedForGood) with
        {
            Error = $"{exception.GetType().Name}: {exception.Message}",
        };
    }

    private static bool IsWorthAnother(SagaRetry retry, Exception exception)
    {
        try
        {
            return retry.RetryOn?.Invoke(exception) ?? true;
        }
        catch (Exception)
        {
            return true;
        }
    }

    /// <summary>The scope ends with the body and not with the attempt: a body that is left behind keeps its services.</summary>
    private async Task<string> RunBodyAsync(
        string sagaId, SagaStepDefinition step, SagaRecord record, SagaMove move, CancellationToken ending)
    {
        using var logging = logger.BeginScope(new SagaLogScope(sagaId, step.Name, move.Direction, move.Attempt));
        await using var scope = scopes.CreateAsyncScope();
        var call = new SagaStepCall
        {
            SagaId = sagaId,
            StepName = step.Name,
            Direction = move.Direction,
            Attempt = move.Attempt,
            IsOutcomeUnknown = record.Steps[move.Step].IsOutcomeUnknown,
            DataJson = record.DataJson,
            MaxDataBytes = options.Value.MaxDataBytes,
            Services = scope.ServiceProvider,
            TraceParent = Activity.Current?.Id ?? record.TraceParent,
        };
        if (move.Direction == SagaDirection.Action)
        {
            return await InvokeAsync(record.Definition, call, Body(step, step.Action), ending);
        }

        var outcome = step.Kind == SagaStepKind.Action ? await seal.CloseAsync(call, ending) : SagaStepSealOutcome.Unknown;
        return await InvokeAsync(
            record.Definition,
            call with { IsOutcomeUnknown = call.IsOutcomeUnknown && outcome != SagaStepSealOutcome.Happened },
            Body(step, step.Compensation),
            ending);
    }

    private Task<string> InvokeAsync(
        string definition, SagaStepCall call, Func<SagaStepCall, CancellationToken, Task<string>> body, CancellationToken ending) =>
        interceptor is null ? body(call, ending) : interceptor.InvokeAsync(definition, call, body, ending);

    private static Func<SagaStepCall, CancellationToken, Task<string>> Body(
        SagaStepDefinition step, Func<SagaStepCall, CancellationToken, Task<string>>? body) =>
        body ?? throw new InvalidOperationException($"Step '{step.Name}', a {step.Kind}, has nothing to run.");

    /// <summary>The late fault of a body that was left behind must not surface elsewhere.</summary>
    private static void Observe(Task body) => _ = body.ContinueWith(
        static late => _ = late.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
