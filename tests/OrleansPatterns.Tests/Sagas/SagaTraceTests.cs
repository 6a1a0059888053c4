using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansPatterns.Sagas;
using OrleansPatterns.Tests.Telemetry;

namespace OrleansPatterns.Tests.Sagas;

[Collection(nameof(TraceListeners))]
public sealed class SagaTraceTests(SagaCluster fixture) : SagaTests(fixture), IClassFixture<SagaCluster>
{
    private readonly ConcurrentQueue<Activity> _stopped = new();

    [Fact]
    public async Task Saga_OfATrace_CarriesItOnIntoItsStepsAndCompensations()
    {
        Script.On("ship", _ => throw new SagaRejectedException("no lorry"));
        using var listener = Listen();
        using var parent = new Activity("request").Start();

        await StartAsync<OrderSaga>();
        await EndAsync();
        await SettledAsync();

        var mine = _stopped.Where(activity => Equals(activity.GetTagItem("orleanspatterns.saga.id"), Id)).ToList();
        Assert.Equal(
            [
                "saga order", "saga.compensate charge", "saga.compensate reserve", "saga.end order", "saga.step charge", "saga.step reserve",
                "saga.step ship",
            ],
            mine.Select(activity => activity.OperationName).Order(StringComparer.Ordinal));
        Assert.All(mine, activity => Assert.Equal(parent.TraceId, activity.TraceId));
        var saga = mine.Single(activity => activity.OperationName == "saga order");
        Assert.Equal(parent.SpanId, saga.ParentSpanId);
        Assert.All(mine.Where(activity => activity != saga), activity => Assert.Equal(saga.SpanId, activity.ParentSpanId));
        var ship = mine.Single(activity => activity.OperationName == "saga.step ship");
        Assert.Equal((ActivityStatusCode.Error, "no lorry"), (ship.Status, ship.StatusDescription));
        Assert.Equal(("ship", 1, "rejected"), (Tag(ship, "step"), Tag(ship, "attempt"), Tag(ship, "outcome")));
        Assert.Equal("compensated", Tag(mine.Single(activity => activity.OperationName == "saga.end order"), "phase"));
    }

    /// <summary>What a step calls is part of the trace, too.</summary>
    [Fact]
    public async Task Step_RunsInItsActivity()
    {
        string? seen = null;
        Script.On("charge", _ => seen = Activity.Current?.OperationName);
        using var listener = Listen();

        await StartAsync<OrderSaga>();
        await EndAsync();

        Assert.Equal("saga.step charge", seen);
    }

    /// <summary>The trace that belongs to the saga survives its activation.</summary>
    [Fact]
    public async Task Saga_AfterACrash_StaysInItsTrace()
    {
        using var listener = Listen();
        var (begun, cancelled) = Script.HangUntilCancelled("charge");
        using var parent = new Activity("request").Start();
        await StartAsync<OrderSaga>();
        parent.Stop();
        await begun.Soon();

        await CrashAsync();
        await cancelled.Soon();
        Fixture.AdvancePastRecovery();
        await EndAsync();
        await SettledAsync();

        var ship = Assert.Single(
            _stopped,
            activity => activity.OperationName == "saga.step ship" && Equals(activity.GetTagItem("orleanspatterns.saga.id"), Id));
        Assert.Equal(parent.TraceId, ship.TraceId);
    }

    [Fact]
    public async Task Start_Again_WhereNothingIsRead_IsNotShownAsAStart()
    {
        using var listener = Listen();
        await StartAsync<OrderSaga>();
        await EndAsync();
        await SettledAsync();
        await CrashAsync();

        await StartAsync<OrderSaga>();

        Assert.Equal(
            [true, false],
            _stopped
                .Where(activity => activity.OperationName == "saga order" && Equals(Tag(activity, "id"), Id))
                .Select(activity => activity.Recorded));
    }

    [Fact]
    public async Task Nobody_Listens_ThereIsNoActivity()
    {
        List<Activity?> seen = [];
        Script.On("charge", _ => seen.Add(Activity.Current));
        using var parent = new Activity("request").Start();

        await StartAsync<OrderSaga>();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);

        Assert.Equal([null], seen);
    }

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "OrleansPatterns",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static object? Tag(Activity activity, string name) => activity.GetTagItem($"orleanspatterns.saga.{name}");
}
