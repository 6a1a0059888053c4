using System.Runtime.CompilerServices;
using OrleansPatterns.CircuitBreakers;
using Polly;
using Polly.CircuitBreaker;
using Polly.Telemetry;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>The breaker as a strategy of Polly pipelines. Once with and once without a type of result, where both must do the same.</summary>
public sealed class ClusterCircuitBreakerPipelineTests : ScriptedBreakerTests
{
    private readonly RecordedTelemetry _telemetry = new();

    [Fact]
    public async Task Closed_PassesCalls_AndCountsExceptionsAsTheOptionsSay()
    {
        Options.ShouldHandle = exception => exception is not ArgumentException;
        var pipeline = Untyped(Start());
        Assert.Equal(7, await pipeline.ExecuteAsync(_ => ValueTask.FromResult(7), Token));
        Assert.Equal("eight", await pipeline.ExecuteAsync(_ => ValueTask.FromResult("eight"), Token));
        await Assert.ThrowsAsync<ArgumentException>(() => pipeline.ExecuteAsync<int>(_ => throw new ArgumentException("bad input"), Token).AsTask());
        await Assert.ThrowsAsync<HttpRequestException>(() => pipeline.ExecuteAsync(async _ =>
        {
            await Task.Yield();
            throw new HttpRequestException();
        }, Token).AsTask());
        var report = await NextReportAsync();
        Assert.Equal((3, 1), (report.Successes, report.Failures));
    }

    [Fact]
    public async Task Closed_CountsResultsAsThePredicateSays()
    {
        Options.MinimumThroughput = 100;
        var pipeline = Typed(Start(), new PredicateBuilder<int>().HandleResult(result => result >= 500).Handle<ArgumentException>());
        foreach (var status in new[] { 200, 500, 503 })
        {
            Assert.Equal(status, await pipeline.ExecuteAsync(_ => ValueTask.FromResult(status), Token));
        }

        await Assert.ThrowsAsync<ArgumentException>(() => pipeline.ExecuteAsync<int>(_ => throw new ArgumentException("bad input"), Token).AsTask());
        await Assert.ThrowsAsync<HttpRequestException>(() => pipeline.ExecuteAsync<int>(_ => throw new HttpRequestException(), Token).AsTask());
        var report = await NextReportAsync();
        Assert.Equal((2, 3), (report.Successes, report.Failures));
    }

    [Fact]
    public async Task Closed_WaitsForAPredicateThatTakesItsTime_AndAsksItOnce()
    {
        var (isFailure, asked) = (new TaskCompletionSource<bool>(), 0);
        var pipeline = Typed(Start(), arguments =>
        {
            asked += arguments.Outcome.Result;
            return new ValueTask<bool>(isFailure.Task);
        });
        var call = pipeline.ExecuteAsync(_ => ValueTask.FromResult(1), Token).AsTask();
        Assert.False(call.IsCompleted);
        isFailure.SetResult(true);
        Assert.Equal(1, await call.Soon());
        Assert.Equal(1, asked);
        var report = await NextReportAsync();
        Assert.Equal((0, 1), (report.Successes, report.Failures));
    }

    [Fact]
    public async Task Cancellation_ByTheCaller_CountsAsNeither_WhateverThePredicateSays()
    {
        var breaker = Start();
        using var cancellation = new CancellationTokenSource();
        var typed = Typed(breaker, _ => ValueTask.FromResult(true)).ExecuteAsync(WaitAsync, cancellation.Token).AsTask();
        var untyped = Untyped(breaker).ExecuteAsync(WaitAsync, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => typed.Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => untyped.Soon());
        await Succeed(breaker);
        var report = await NextReportAsync();
        Assert.Equal((1, 0), (report.Successes, report.Failures));

        static async ValueTask<int> WaitAsync(CancellationToken token) => await new TaskCompletionSource<int>().Task.WaitAsync(token);
    }

    [Fact]
    public async Task Open_IsAnOutcome_WithPollysExceptionAndItsSource()
    {
        var breaker = Start();
        var (typed, untyped) = (Typed(breaker), Untyped(breaker));
        await TripAsync(breaker);
        Time.Advance(Seconds(2));
        await CheckAsync(await typed.ExecuteOutcomeAsync(NeverCalled, ResilienceContextPool.Shared.Get(Token), 0), "typed");
        await CheckAsync(await untyped.ExecuteOutcomeAsync(NeverCalled, ResilienceContextPool.Shared.Get(Token), 0), "untyped");
        Assert.Equal(0, Cluster.ProbesAsked);

        static async Task CheckAsync(Outcome<int> outcome, string pipeline)
        {
            var exception = Assert.IsType<BrokenCircuitException>(outcome.Exception);
            Assert.Equal(Seconds(3), exception.RetryAfter);
            Assert.Equal("The breaker 'payments' is open: 4 of 4 calls failed within 30 s.", exception.Message);
            Assert.Equal((pipeline, "ClusterCircuitBreaker"), (exception.TelemetrySource?.PipelineName, exception.TelemetrySource?.StrategyName));

            // Thrown only on the way out, so that whatever stands around the breaker handles it without a throw.
            Assert.Null(exception.StackTrace);
            await Assert.ThrowsAsync<BrokenCircuitException>(() => Task.FromException(outcome.Exception!));
        }
    }

    [Fact]
    public async Task Isolated_IsPollysExceptionForIt()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        await Cluster.DecideAsync(core => core.Hold(Isolation("moving house"), endsAt: null, At(TimeSpan.Zero)));
        var outcome = await Typed(breaker).ExecuteOutcomeAsync(NeverCalled, ResilienceContextPool.Shared.Get(Token), 0);
        Assert.Equal("The breaker 'payments' is held open by hand: moving house", Assert.IsType<IsolatedCircuitException>(outcome.Exception).Message);
    }

    [Fact]
    public async Task Open_CanBeWaitedOutByARetryAround()
    {
        var breaker = Start();
        await TripAsync(breaker);
        TimeSpan? waited = null;
        var pipeline = new ResiliencePipelineBuilder<int>()
            .AddRetry(new Polly.Retry.RetryStrategyOptions<int>
            {
                ShouldHandle = new PredicateBuilder<int>().Handle<BrokenCircuitException>(),
                DelayGenerator = arguments =>
                {
                    waited = ((BrokenCircuitException)arguments.Outcome.Exception!).RetryAfter;
                    Time.Advance(waited!.Value);
                    return ValueTask.FromResult<TimeSpan?>(TimeSpan.Zero);
                },
            })
            .AddClusterCircuitBreaker(breaker)
            .Build();
        Assert.Equal(7, await pipeline.ExecuteAsync(_ => ValueTask.FromResult(7), Token).AsTask().Soon());
        Assert.Equal((Seconds(5), 1), (waited, Cluster.ProbesAsked));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HalfOpen_ClosesAfterThreeProbes_AndNotByACancelledOne(bool isSynchronous)
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        var pipeline = Untyped(breaker);
        using var cancellation = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CallAsync(() =>
        {
            cancellation.Cancel();
            cancellation.Token.ThrowIfCancellationRequested();
            return 0;
        }, cancellation.Token));
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        Time.Advance(Options.ReportInterval);
        for (var probe = 1; probe <= 3; probe++)
        {
            Assert.Equal(probe, await CallAsync(() => probe, Token));
        }

        Assert.Equal((BreakerState.Closed, 4), (breaker.State, Cluster.ProbesAsked));

        // A caller who blocks its thread may have a context to which nothing of ours can return.
        Task<int> CallAsync(Func<int> call, CancellationToken token) => isSynchronous
            ? DeadContext.RunAsync(() => pipeline.Execute(_ => call(), token))
            : pipeline.ExecuteAsync(_ => ValueTask.FromResult(call()), token).AsTask().Soon();
    }

    [Fact]
    public async Task HalfOpen_WithAResultThatIsAFailure_OpensAgain()
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        Assert.Equal(503, await Typed(breaker, new PredicateBuilder<int>().HandleResult(503)).ExecuteAsync(_ => ValueTask.FromResult(503), Token));
        Assert.Equal(Seconds(10), (await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker))).RetryAfter);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HalfOpen_WithAPredicateThatThrows_FreesThePermit(bool isOfThePipeline)
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        Options.ShouldHandle = _ => throw new InvalidOperationException("no opinion");
        var pipeline = Typed(breaker, isOfThePipeline ? _ => throw new InvalidOperationException("no opinion") : null);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => pipeline.ExecuteAsync<int>(_ => throw new HttpRequestException(), Token).AsTask().Soon());
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        Time.Advance(Options.ReportInterval);
        await Succeed(breaker);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HalfOpen_CallerThatGivesUpWhileItAsks_WaitsNoLonger(bool isSynchronous)
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        Cluster.HoldAnswers();
        using var cancellation = new CancellationTokenSource();
        var pipeline = Untyped(breaker);
        var call = isSynchronous
            ? Task.Run(() => pipeline.Execute(_ => 1, cancellation.Token), Token)
            : pipeline.ExecuteAsync(_ => ValueTask.FromResult(1), cancellation.Token).AsTask();
        await Cluster.NextAskAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());
        Cluster.LetAnswersGo();
        Assert.Equal(CallOutcome.Cancelled, await Cluster.NextEndedProbeAsync());
    }

    [Fact]
    public async Task Execute_Synchronously_WaitsForAPredicateThatTakesItsTime()
    {
        var pipeline = Typed(Start(), async _ =>
        {
            await Task.Yield();
            return true;
        });
        Assert.Equal(1, await Task.Run(() => pipeline.Execute(_ => 1, Token), Token).Soon());
        var report = await NextReportAsync();
        Assert.Equal((0, 1), (report.Successes, report.Failures));
    }

    [Fact]
    public async Task Changes_AreReportedAsPollysOwnEvents_OnceToEachPipeline()
    {
        var other = new RecordedTelemetry();
        var breaker = Start();
        var (typed, untyped) = (Typed(breaker), Untyped(breaker, other));
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        for (var probe = 1; probe <= 3; probe++)
        {
            await Succeed(breaker);
        }

        await Cluster.DecideAsync(core => core.Hold(Isolation("by hand"), endsAt: null, At(Seconds(5))));
        await Cluster.DecideAsync(core => core.Hold(new BreakerOverride { State = BreakerState.ForcedClosed, Reason = "by hand" }, endsAt: null, At(Seconds(5))));
        await Cluster.DecideAsync(core => core.Close(author: null, At(Seconds(5))));
        await Cluster.DecideAsync(core => core.Hold(Isolation("again"), endsAt: null, At(Seconds(5))));
        foreach (var telemetry in new[] { _telemetry, other })
        {
            Assert.Equal(("OnCircuitOpened", ResilienceEventSeverity.Error), await telemetry.NextAsync());
            Assert.Equal(("OnCircuitHalfOpened", ResilienceEventSeverity.Warning), await telemetry.NextAsync());
            Assert.Equal(("OnCircuitClosed", ResilienceEventSeverity.Information), await telemetry.NextAsync());
            Assert.Equal(("OnCircuitOpened", ResilienceEventSeverity.Error), await telemetry.NextAsync());
            Assert.Equal(("OnCircuitClosed", ResilienceEventSeverity.Information), await telemetry.NextAsync());
            Assert.Equal(("OnCircuitOpened", ResilienceEventSeverity.Error), await telemetry.NextAsync());
            Assert.False(telemetry.HasMore);
        }

        Assert.Equal(("typed", "ClusterCircuitBreaker"), (_telemetry.Sources.First().PipelineName, _telemetry.Sources.First().StrategyName));
        Assert.Equal("untyped", other.Sources.First().PipelineName);
        var opened = _telemetry.Arguments.OfType<OnCircuitOpenedArguments<object>>().ToList();
        Assert.Equal([(Seconds(5), false), (TimeSpan.Zero, true), (TimeSpan.Zero, true)], opened.Select(arguments => (arguments.BreakDuration, arguments.IsManual)));
        Assert.Equal([false, true], _telemetry.Arguments.OfType<OnCircuitClosedArguments<object>>().Select(arguments => arguments.IsManual));
        GC.KeepAlive((typed, untyped));
    }

    [Fact]
    public async Task Changes_AreReportedToOthersThoughOneListenerFails()
    {
        var breaker = Start();
        var (failing, well) = (Untyped(breaker, new FailingTelemetry()), Untyped(breaker));
        await Time.ArmedAsync(RepairInterval);
        await Cluster.DecideAsync(core => core.Hold(Isolation("by hand"), endsAt: null, At(TimeSpan.Zero)));
        Assert.Equal("OnCircuitOpened", (await _telemetry.NextAsync()).Name);
        Assert.Contains("A telemetry listener failed when it was told that breaker 'payments' is Isolated.", Log.Messages);
        GC.KeepAlive((failing, well));
    }

    [Fact]
    public void Pipeline_ThatNobodyUses_IsNotKept()
    {
        var breaker = Start();
        var listener = Abandon(breaker);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(listener.TryGetTarget(out _));
    }

    [Fact]
    public void Breaker_OfSomebodyElse_IsRefused()
    {
        var foreign = new ForeignBreaker();
        var expected = $"The breaker is a {typeof(ForeignBreaker)}; give one that came from ICircuitBreakerProvider.Get. (Parameter 'breaker')";
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => new ResiliencePipelineBuilder().AddClusterCircuitBreaker(foreign)).Message);
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => new ResiliencePipelineBuilder<int>().AddClusterCircuitBreaker(foreign)).Message);
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => new CircuitBreakerHandler(foreign)).Message);
    }

    private static ValueTask<Outcome<int>> NeverCalled(ResilienceContext context, int state) => throw new InvalidOperationException("The breaker is open.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<TelemetryListener> Abandon(ICircuitBreaker breaker)
    {
        var listener = new RecordedTelemetry();
        Untyped(breaker, listener);
        return new WeakReference<TelemetryListener>(listener);
    }

    private static ResiliencePipeline Untyped(ICircuitBreaker breaker, TelemetryListener telemetry) =>
        new ResiliencePipelineBuilder { Name = "untyped", TelemetryListener = telemetry }.AddClusterCircuitBreaker(breaker).Build();

    private ResiliencePipeline Untyped(ICircuitBreaker breaker) => Untyped(breaker, _telemetry);

    private ResiliencePipeline<int> Typed(
        ICircuitBreaker breaker, Func<CircuitBreakerPredicateArguments<int>, ValueTask<bool>>? shouldHandle = null) =>
        new ResiliencePipelineBuilder<int> { Name = "typed", TelemetryListener = _telemetry }
            .AddClusterCircuitBreaker(breaker, new ClusterCircuitBreakerStrategyOptions<int> { ShouldHandle = shouldHandle }).Build();

    private sealed class FailingTelemetry : TelemetryListener
    {
        public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
        {
            if (args.Event.EventName.StartsWith("OnCircuit", StringComparison.Ordinal))
            {
                throw new InvalidOperationException("out of disk");
            }
        }
    }

    private sealed class ForeignBreaker : ICircuitBreaker
    {
        public string Name => "foreign";

        public BreakerState State => BreakerState.Closed;

        public Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken = default) => call(cancellationToken);

        public Task ExecuteAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken = default) => call(cancellationToken);

        public Task IsolateAsync(string reason, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task HoldAsync(BreakerOverride byHand, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public IAsyncEnumerable<BreakerState> WatchAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
