using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
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
    IOptions<SagaOptions> options,
    TimeProvider time,
    ILogger<SagaAttemptRunner> logger)
{
    /// <summary>Begins to run an attempt. The record must say already that it has begun.</summary>
    internal SagaAttempt Start(string sagaId, SagaDefinition definition, SagaRecord record, SagaMove move)
    {
        var attempt = new SagaAttempt();

        // Which call happened to set a step going means nothing to the step: no request context, no trace of it.
        using (ExecutionContext.SuppressFlow())
        {
            attempt.Track(Task.Run(() => RunAsync(sagaId, definition.Steps[move.Step], record, move, attempt)));
        }

        return attempt;
    }

    private async Task RunAsync(string sagaId, SagaStepDefinition step, SagaRecord record, SagaMove move, SagaAttempt attempt)
    {
        try
        {
            var report = await ExecuteAsync(sagaId, step, record, move, attempt);
            if (report is null)
            {
                LogInterrupted(sagaId, step.Name, move.Direction, move.Attempt);
                return;
            }

            // Repeated like any client's call: when the write of the outcome fails, the next activation may still take it, and the step is
            // not run again for nothing.
            var grain = grains.GetGrain<ISagaAttempts>(GrainKeys.For(PatternNames.Saga, ResourceKey.Parse(sagaId)));
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

    /// <summary>Runs the step to its end or its timeout; null: it was cut off by the end of the activation.</summary>
    private async Task<SagaAttemptReport?> ExecuteAsync(
        string sagaId, SagaStepDefinition step, SagaRecord record, SagaMove move, SagaAttempt attempt)
    {
        using var timeout = new CancellationTokenSource(step.Timeout, time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, attempt.Stopping);
        var (timedOut, stopping, cancelling) = (timeout.Token, attempt.Stopping, attempt.Cancelling);
        var body = Task.Run(() => RunBodyAsync(sagaId, step, record, move, timedOut, stopping, cancelling));
        await ((Task)body).WaitAsync(waiting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // A step that is through, well or badly, has an outcome, whatever fired in the meantime.
        if (!body.IsCompleted)
        {
            Observe(body);
            return attempt.Stopping.IsCancellationRequested ? null : Failed(sagaId, step, move, TimedOut(step));
        }

        try
        {
            return Report(move, SagaAttemptOutcome.Succeeded) with { DataJson = await body };
        }
        catch (SagaRejectedException rejection)
        {
            return Report(move, SagaAttemptOutcome.Rejected) with { Error = rejection.Message };
        }
        catch (OperationCanceledException) when (attempt.Stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return Failed(sagaId, step, move, TimedOut(step));
        }
        catch (Exception exception)
        {
            return Failed(sagaId, step, move, exception);
        }
    }

    private static TimeoutException TimedOut(SagaStepDefinition step) => new($"It took longer than its timeout of {step.Timeout}.");

    private static SagaAttemptReport Report(SagaMove move, SagaAttemptOutcome outcome) =>
        new() { Step = move.Step, Direction = move.Direction, Attempt = move.Attempt, Outcome = outcome };

    private SagaAttemptReport Failed(string sagaId, SagaStepDefinition step, SagaMove move, Exception exception)
    {
        LogFailed(exception, sagaId, step.Name, move.Direction, move.Attempt);
        return Report(move, SagaAttemptOutcome.Failed) with { Error = $"{exception.GetType().Name}: {exception.Message}" };
    }

    /// <summary>
    /// Scope and token source end with the body and not with the attempt: a body that is left behind keeps its services, and is told to end
    /// even if whoever left it is through first.
    /// </summary>
    private async Task<string> RunBodyAsync(
        string sagaId,
        SagaStepDefinition step,
        SagaRecord record,
        SagaMove move,
        CancellationToken timedOut,
        CancellationToken stopping,
        CancellationToken cancelling)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timedOut, stopping, cancelling);
        await using var scope = scopes.CreateAsyncScope();
        var body = move.Direction == SagaDirection.Action
            ? step.Action
            : step.Compensation ?? throw new InvalidOperationException($"Step '{step.Name}' has no compensation.");
        return await body(
            new SagaStepCall
            {
                SagaId = sagaId,
                StepName = step.Name,
                Direction = move.Direction,
                Attempt = move.Attempt,
                IsOutcomeUnknown = record.Steps[move.Step].IsOutcomeUnknown,
                DataJson = record.DataJson,
                MaxDataBytes = options.Value.MaxDataBytes,
                Services = scope.ServiceProvider,
            },
            ending.Token);
    }

    /// <summary>The late fault of a body that was left behind must not surface elsewhere.</summary>
    private static void Observe(Task body) => _ = body.ContinueWith(
        static late => _ = late.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    [LoggerMessage(5101, LogLevel.Warning, "Saga '{SagaId}', step '{Step}': attempt {Attempt} of its {Direction} failed.")]
    private partial void LogFailed(Exception exception, string sagaId, string step, SagaDirection direction, int attempt);

    [LoggerMessage(
        5102, LogLevel.Information, "Saga '{SagaId}', step '{Step}': attempt {Attempt} of its {Direction} was cut off; it is begun again.")]
    private partial void LogInterrupted(string sagaId, string step, SagaDirection direction, int attempt);

    [LoggerMessage(
        5103,
        LogLevel.Warning,
        "Saga '{SagaId}', step '{Step}': the outcome of attempt {Attempt} of its {Direction} could not be recorded; it is begun again.")]
    private partial void LogOutcomeLost(Exception exception, string sagaId, string step, SagaDirection direction, int attempt);
}
