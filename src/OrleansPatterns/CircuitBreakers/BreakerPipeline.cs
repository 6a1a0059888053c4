using System.Runtime.CompilerServices;
using Polly;
using Polly.CircuitBreaker;
using Polly.Telemetry;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>A breaker as a strategy of one Polly pipeline: outcomes in, outcomes out, and its events in the pipeline's telemetry.</summary>
internal sealed class BreakerPipeline
{
    private readonly CircuitBreaker _breaker;
    private readonly ResilienceStrategyTelemetry _telemetry;

    public BreakerPipeline(CircuitBreaker breaker, ResilienceStrategyTelemetry telemetry)
    {
        _breaker = breaker;
        _telemetry = telemetry;
        breaker.Announce(this);
    }

    public ValueTask<Outcome<TResult>> ExecuteAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback,
        ResilienceContext context,
        TState state,
        Func<CircuitBreakerPredicateArguments<TResult>, ValueTask<bool>>? shouldHandle)
    {
        var admission = _breaker.Admit();
        if (admission.View is null)
        {
            return admission.Refusal is { } refusal
                ? new ValueTask<Outcome<TResult>>(Reject<TResult>(refusal))
                : ProbeAsync(callback, context, state, shouldHandle);
        }

        var call = Begin(callback, context, state);
        if (!call.IsCompletedSuccessfully)
        {
            return EndAsync(call, admission, context, shouldHandle);
        }

        var outcome = call.Result;
        var judged = JudgeAsync(outcome, context, shouldHandle);
        if (!judged.IsCompletedSuccessfully)
        {
            return EndAsync(outcome, judged, admission, context);
        }

        _breaker.Complete(admission, judged.Result);
        return new ValueTask<Outcome<TResult>>(outcome);
    }

    /// <summary>Reports a change of state to Polly's telemetry, by the names that Polly's own breaker uses.</summary>
    public void Report(BreakerState from, BreakerState to, TimeSpan openFor)
    {
        var context = ResilienceContextPool.Shared.Get();
        var nothing = Outcome.FromResult<object>(null);
        switch (to)
        {
            case BreakerState.Open or BreakerState.LocalOpen or BreakerState.Isolated:
                _telemetry.Report(
                    new ResilienceEvent(ResilienceEventSeverity.Error, "OnCircuitOpened"),
                    context,
                    nothing,
                    new OnCircuitOpenedArguments<object>(context, nothing, openFor, isManual: to == BreakerState.Isolated));
                break;
            case BreakerState.HalfOpen:
                _telemetry.Report(
                    new ResilienceEvent(ResilienceEventSeverity.Warning, "OnCircuitHalfOpened"), context, new OnCircuitHalfOpenedArguments(context));
                break;
            case var _ when !BreakerView.LetsPass(from):
                _telemetry.Report(
                    new ResilienceEvent(ResilienceEventSeverity.Information, "OnCircuitClosed"),
                    context,
                    nothing,
                    new OnCircuitClosedArguments<object>(context, nothing, isManual: to != BreakerState.Closed));
                break;
        }

        ResilienceContextPool.Shared.Return(context);
    }

    /// <summary>Who writes a callback of Polly's answers with an outcome, but may throw all the same.</summary>
    private static ValueTask<Outcome<TResult>> Begin<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        try
        {
            return callback(context, state);
        }
        catch (Exception exception)
        {
            return new ValueTask<Outcome<TResult>>(Outcome.FromException<TResult>(exception));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<TResult>> EndAsync<TResult>(
        ValueTask<Outcome<TResult>> call,
        Admission admission,
        ResilienceContext context,
        Func<CircuitBreakerPredicateArguments<TResult>, ValueTask<bool>>? shouldHandle)
    {
        Outcome<TResult> outcome;
        try
        {
            outcome = await call.ConfigureAwait(context.ContinueOnCapturedContext);
        }
        catch (Exception exception)
        {
            outcome = Outcome.FromException<TResult>(exception);
        }

        return await EndAsync(outcome, JudgeAsync(outcome, context, shouldHandle), admission, context).ConfigureAwait(context.ContinueOnCapturedContext);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<TResult>> EndAsync<TResult>(
        Outcome<TResult> outcome, ValueTask<CallOutcome> judging, Admission admission, ResilienceContext context)
    {
        // A predicate that throws says nothing, and must not keep a permit.
        var judged = CallOutcome.Cancelled;
        try
        {
            judged = await judging.ConfigureAwait(context.ContinueOnCapturedContext);
        }
        finally
        {
            await CompleteAsync(admission, judged).ConfigureAwait(context.ContinueOnCapturedContext);
        }

        return outcome;
    }

    private ValueTask<CallOutcome> JudgeAsync<TResult>(
        Outcome<TResult> outcome, ResilienceContext context, Func<CircuitBreakerPredicateArguments<TResult>, ValueTask<bool>>? shouldHandle)
    {
        try
        {
            return shouldHandle is not null && !CircuitBreaker.IsCallersOwn(outcome.Exception, context.CancellationToken)
                ? Settle(shouldHandle(new CircuitBreakerPredicateArguments<TResult>(context, outcome)))
                : new ValueTask<CallOutcome>(
                    outcome.Exception is { } exception ? _breaker.Judge(exception, context.CancellationToken) : CallOutcome.Succeeded);
        }
        catch (Exception fault)
        {
            return ValueTask.FromException<CallOutcome>(fault);
        }

        static ValueTask<CallOutcome> Settle(ValueTask<bool> handling) =>
            handling.IsCompletedSuccessfully ? new ValueTask<CallOutcome>(OutcomeOf(handling.Result)) : AwaitAsync(handling);

        static CallOutcome OutcomeOf(bool isFailure) => isFailure ? CallOutcome.Failed : CallOutcome.Succeeded;

        static async ValueTask<CallOutcome> AwaitAsync(ValueTask<bool> handling) => OutcomeOf(await handling.ConfigureAwait(false));
    }

    private async ValueTask<Outcome<TResult>> ProbeAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback,
        ResilienceContext context,
        TState state,
        Func<CircuitBreakerPredicateArguments<TResult>, ValueTask<bool>>? shouldHandle)
    {
        Admission admission;
        try
        {
            admission = await Task.Run(() => _breaker.AdmitProbeAsync(context.CancellationToken)).ConfigureAwait(context.ContinueOnCapturedContext);
        }
        catch (OperationCanceledException exception)
        {
            return Outcome.FromException<TResult>(exception);
        }

        return admission.Refusal is { } refusal
            ? Reject<TResult>(refusal)
            : await EndAsync(Begin(callback, context, state), admission, context, shouldHandle).ConfigureAwait(context.ContinueOnCapturedContext);
    }

    /// <remarks>Nothing of ours may need the context of a caller who blocks it, as <c>ResiliencePipeline.Execute</c> does.</remarks>
    private Task CompleteAsync(Admission admission, CallOutcome outcome) =>
        admission.Probe is null ? _breaker.CompleteAsync(admission, outcome) : Task.Run(() => _breaker.CompleteAsync(admission, outcome));

    private Outcome<TResult> Reject<TResult>(BrokenCircuitException refusal)
    {
        _telemetry.SetTelemetrySource(refusal);
        return Outcome.FromException<TResult>(refusal);
    }
}
