using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using OrleansPatterns.Tests.Telemetry;
using static OrleansPatterns.Tests.Locks.LockCommands;
using static OrleansPatterns.Tests.Locks.ScriptedLockTransport;

namespace OrleansPatterns.Tests.Locks;

/// <summary>What a process that takes locks tells of them, on a clock that the test moves.</summary>
public sealed class LockMetricsTests : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    private readonly ObservedTime _time = new();
    private readonly ScriptedLockTransport _transport = new();
    private readonly ClusterCallOptions _callOptions = new();
    private readonly LockKeeper _keeper;
    private readonly LockClient _client;
    private readonly RecordedMetrics _metrics;
    private readonly string _key = FreshKey();

    public LockMetricsTests()
    {
        var instruments = new LockInstruments(TestInstruments.NewMeter(out var services));
        var (options, callOptions) = (Options.Create(new LockOptions { Lease = Lease, Owner = "test" }), Options.Create(_callOptions));
        _keeper = new LockKeeper(_transport, callOptions, options, instruments, _time, NullLogger<LockKeeper>.Instance);
        _client = new LockClient(
            _transport, _keeper, new ClusterCaller(_time, callOptions), callOptions, options, instruments, _time, NullLogger<LockClient>.Instance);
        _metrics = new RecordedMetrics(services);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _keeper.Dispose();
    }

    [Fact]
    public async Task Acquired_AndReleased_AreMeasuredFromTheAsking()
    {
        var asking = Acquire(LockMode.Read);
        Assert.Equal([("", 1)], _metrics.Read("lock.waiters"));
        Advance(250);
        _transport.Acquires.Take().Answer(Granted());
        var hold = (await asking.Soon())!;

        Assert.Equal([("mode=read outcome=acquired", 0.25)], _metrics.Of("lock.wait.duration"));
        Assert.Equal([("", 0)], _metrics.Read("lock.waiters"));
        Assert.Equal([("", 1)], _metrics.Read("lock.holds"));
        Assert.Empty(_metrics.Of("lock.hold.duration"));

        Advance(2_000);
        _keeper.Release(hold);
        _keeper.Release(hold);

        Assert.Equal([("mode=read", 2.25)], _metrics.Of("lock.hold.duration"));
        Assert.Equal([("", 0)], _metrics.Read("lock.holds"));
        Assert.Empty(_metrics.Of("lock.losses"));
    }

    [Fact]
    public async Task NotAcquired_SaysWhy()
    {
        var busy = Acquire();
        _transport.Acquires.Take().Answer(new LockReply { Outcome = LockOutcome.Busy });
        Assert.Null(await busy.Soon());

        using var cancellation = new CancellationTokenSource();
        var cancelled = Acquire(cancellationToken: cancellation.Token);
        Advance(1_000);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Soon());
        _ = _transport.Acquires.Take();

        var refused = Acquire();
        _transport.Acquires.Take().Fail(new LockKindException(_key, 3, 0));
        await Assert.ThrowsAsync<LockKindException>(() => refused.Soon());

        _callOptions.RetryFor = _callOptions.AttemptTimeout;
        var unheard = Acquire();
        Advance(5_000);
        await Assert.ThrowsAsync<LockUnavailableException>(() => unheard.Soon());

        Assert.Equal(
            [
                ("mode=write outcome=timed_out", 0), ("mode=write outcome=cancelled", 1), ("mode=write outcome=fault", 0),
                ("mode=write outcome=unavailable", 5),
            ],
            _metrics.Of("lock.wait.duration"));
        Assert.Equal([("", 0)], _metrics.Read("lock.waiters"));
        Assert.Equal([("", 0)], _metrics.Read("lock.holds"));
    }

    [Fact]
    public async Task Lost_SaysWhy_AndIsNoReleaseAfterwards()
    {
        var broken = await HoldAsync();
        await _keeper.BrokenAsync(broken.Grant.RequestId);

        var passedOn = await HoldAsync();
        Advance(5_000);
        _transport.Renewals.Take().Answer([Refused()]);
        await _metrics.CountAsync("lock.losses", 2);

        var expired = await HoldAsync();
        Advance(14_500);

        Assert.Equal([("cause=broken", 1), ("cause=passed_on", 1), ("cause=expired", 1)], _metrics.Of("lock.losses"));
        Assert.Equal([("mode=write", 0), ("mode=write", 5), ("mode=write", 14.5)], _metrics.Of("lock.hold.duration"));
        Assert.Equal([("", 0)], _metrics.Read("lock.holds"));

        foreach (var hold in new[] { broken, passedOn, expired })
        {
            _keeper.Release(hold);
        }

        Assert.Equal(3, _metrics.Of("lock.hold.duration").Count);
    }

    [Fact]
    public async Task Renewal_WithoutAnAnswer_CountsEachLock()
    {
        var hold = await HoldAsync();
        Advance(5_000);
        _transport.Renewals.Take().Fail(new InvalidOperationException("The silo is gone."));

        // Set once the answer has been looked at.
        await _time.ArmedAsync(TimeSpan.FromSeconds(1));

        Assert.Equal([("", 1)], _metrics.Of("lock.renewal.failures"));
        Assert.Empty(_metrics.Of("lock.losses"));
        _keeper.Release(hold);
    }

    private static LockReply Granted() => new() { Outcome = LockOutcome.Granted, FencingToken = 7, Lease = Lease, Proof = 99 };

    private async Task<HeldLock> HoldAsync()
    {
        var asking = Acquire();
        _transport.Acquires.Take().Answer(Granted());
        return (await asking.Soon())!;
    }

    private Task<HeldLock?> Acquire(LockMode mode = LockMode.Write, CancellationToken? cancellationToken = null) => _client.AcquireAsync(
        new LockAsk("name", _key, mode), cancellationToken is null ? TimeSpan.Zero : Timeout.InfiniteTimeSpan,
        cancellationToken ?? TestContext.Current.CancellationToken);

    private void Advance(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
