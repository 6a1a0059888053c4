using OrleansPatterns.Idempotency;
using OrleansPatterns.Tests.Telemetry;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>What a process that runs work once tells of it, and what the silo of a key does.</summary>
public sealed class IdempotencyMetricsTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly string _key = NewKey();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyGrain Grain => fixture.Cluster.Client.GetIdempotencyGrain(_key);

    [Fact]
    public async Task Executed_AndReplayed_AreToldApart_AndTheWorkIsMeasured()
    {
        var store = Measured(out var services);
        using var metrics = new RecordedMetrics(services);
        await store.ExecuteAsync(_key, "f", WorkAsync, cancellationToken: Cancel);
        await store.ExecuteAsync(_key, "f", WorkAsync, cancellationToken: Cancel);
        await Assert.ThrowsAsync<IdempotencyFingerprintMismatchException>(() => store.ExecuteAsync(_key, "g", WorkAsync, cancellationToken: Cancel));

        Assert.Equal([("outcome=started", 0), ("outcome=replayed", 0), ("outcome=mismatch", 0)], metrics.Of("idempotency.begin.duration"));
        Assert.Equal([("outcome=completed", 2)], metrics.Of("idempotency.execution.duration"));

        Task<int> WorkAsync(CancellationToken cancellationToken)
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(2));
            return Task.FromResult(1);
        }
    }

    [Fact]
    public async Task WhoWaits_IsToldFromWhoFindsTheResult_AndFromWhoWaitsInVain()
    {
        var time = new ObservedTime();
        var store = Measured(out var services, new IdempotencyOptions { WaitForResult = TimeSpan.FromMinutes(1) }, time);
        var impatient = Measured(out var others, new IdempotencyOptions { WaitForResult = TimeSpan.Zero });
        using var metrics = new RecordedMetrics(services, others);
        await using var execution = (await store.BeginAsync(_key, "f", cancellationToken: Cancel)).Execution!;
        await Assert.ThrowsAsync<IdempotencyInProgressException>(() => impatient.BeginAsync(_key, "f", cancellationToken: Cancel));
        var waiting = store.BeginAsync(_key, "f", cancellationToken: Cancel);

        // By now it has been told that the work is under way, and waits: two seconds at a time, and five more for the answer.
        await time.ArmedAsync(TimeSpan.FromSeconds(7));
        await execution.CompleteAsync("1"u8.ToArray(), Cancel);
        await InTime(waiting);

        Assert.Equal(
            ["outcome=started", "outcome=in_progress", "outcome=waited"], metrics.Of("idempotency.begin.duration").Select(each => each.Tags));
    }

    [Fact]
    public async Task Execution_ThatIsGivenUp_FailsOrIsLost_SaysSo()
    {
        var store = Measured(out var services, new IdempotencyOptions { OnFailure = _ => OnFailure.Remember });
        using var metrics = new RecordedMetrics(services);
        await (await store.BeginAsync(_key, "f", cancellationToken: Cancel)).Execution!.DisposeAsync();
        await Assert.ThrowsAsync<IdempotencyFailedException>(
            () => store.ExecuteAsync<int>(_key, "f", _ => throw new InvalidOperationException("no paper"), cancellationToken: Cancel));
        await Assert.ThrowsAsync<IdempotencyFailedException>(() => store.ExecuteAsync(_key, "f", _ => Task.FromResult(1), cancellationToken: Cancel));

        var lost = (await store.BeginAsync(NewKey(), "f", cancellationToken: Cancel)).Execution!;
        var free = await fixture.Cluster.Client.GetIdempotencyGrain(lost.Key).ReleaseAsync(lost.ExecutionToken);
        Assert.Equal(ExecutionClaim.Current, free);
        await using var next = (await store.BeginAsync(lost.Key, "f", cancellationToken: Cancel)).Execution;
        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(() => lost.CompleteAsync(cancellationToken: Cancel));
        await lost.DisposeAsync();

        Assert.Equal(
            ["outcome=released", "outcome=failed", "outcome=lost"], metrics.Of("idempotency.execution.duration").Select(each => each.Tags));
        Assert.Equal(
            ["outcome=started", "outcome=started", "outcome=failed", "outcome=started", "outcome=started"],
            metrics.Of("idempotency.begin.duration").Select(each => each.Tags));
    }

    [Fact]
    public async Task Refusals_OfWhatIsParkedOrSealed_SayWhich()
    {
        var store = Measured(out var services, new IdempotencyOptions { OnAbandoned = OnAbandoned.Park });
        using var metrics = new RecordedMetrics(services);
        await Grain.BeginAsync(Request(onAbandoned: OnAbandoned.Park));
        fixture.Time.Advance(Lease);
        await Assert.ThrowsAsync<IdempotencyParkedException>(() => store.BeginAsync(_key, "f", cancellationToken: Cancel));
        var closed = NewKey();
        await fixture.Service<IIdempotencyOperations>().SealAsync(closed, TimeSpan.FromHours(1), Cancel);
        await Assert.ThrowsAsync<IdempotencySealedException>(() => store.BeginAsync(closed, "f", cancellationToken: Cancel));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.BeginAsync(NewKey(), "f", cancellationToken: cancelled.Token));

        Assert.Equal(
            ["outcome=parked", "outcome=sealed", "outcome=cancelled"], metrics.Of("idempotency.begin.duration").Select(each => each.Tags));
    }

    [Fact]
    public async Task LostExecutors_SayWhatBecameOfTheirExecution()
    {
        using var metrics = new RecordedMetrics(fixture.Silo);
        await Grain.BeginAsync(Request());
        fixture.Time.Advance(Lease);
        await Grain.BeginAsync(Request());

        var parking = fixture.Cluster.Client.GetIdempotencyGrain(NewKey());
        await parking.BeginAsync(Request(onAbandoned: OnAbandoned.Park));
        fixture.Time.Advance(Lease);
        await parking.BeginAsync(Request(onAbandoned: OnAbandoned.Park));

        Assert.Equal([("outcome=taken_over", 1), ("outcome=parked", 1)], metrics.Of("idempotency.lost_executors"));
    }

    private IdempotencyStore Measured(out IServiceProvider services, IdempotencyOptions? options = null, TimeProvider? time = null) => CreateMeasured(
        fixture.Cluster.Client, time ?? fixture.Time, new IdempotencyInstruments(TestInstruments.NewMeter(out services)), options);
}
