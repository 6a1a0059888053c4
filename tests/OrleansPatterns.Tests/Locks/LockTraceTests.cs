using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using OrleansPatterns.Tests.Telemetry;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

[Collection(nameof(TraceListeners))]
public sealed class LockTraceTests : IDisposable
{
    private readonly ScriptedLockTransport _transport = new();
    private readonly LockKeeper _keeper;
    private readonly LockClient _client;
    private readonly string _key = FreshKey();

    public LockTraceTests()
    {
        var time = new ObservedTime();
        var (options, callOptions) = (Options.Create(new LockOptions()), Options.Create(new ClusterCallOptions()));
        _keeper = new LockKeeper(_transport, callOptions, options, TestInstruments.Locks, time, NullLogger<LockKeeper>.Instance);
        _client = new LockClient(
            _transport, _keeper, new ClusterCaller(time, callOptions), callOptions, options, TestInstruments.Locks, time, NullLogger<LockClient>.Instance);
    }

    public void Dispose() => _keeper.Dispose();

    [Fact]
    public async Task Acquire_IsASpan_WithTheLockAndTheOutcome()
    {
        using var spans = new RecordedSpans();
        using var parent = new Activity("request").Start();

        var granted = Acquire(LockMode.Write);
        _transport.Acquires.Take().Answer(new LockReply { Outcome = LockOutcome.Granted, FencingToken = 7, Lease = TimeSpan.FromSeconds(15) });
        Assert.NotNull(await granted.Soon());
        var busy = Acquire(LockMode.Read);
        _transport.Acquires.Take().Answer(new LockReply { Outcome = LockOutcome.Busy });
        Assert.Null(await busy.Soon());
        var refused = Acquire(LockMode.Write);
        _transport.Acquires.Take().Fail(new LockKindException(_key, 3, 0));
        await Assert.ThrowsAsync<LockKindException>(() => refused.Soon());

        var mine = spans.Of(parent);
        Assert.All(mine, span => Assert.Equal(("lock acquire", ActivityKind.Client, parent.SpanId), (span.OperationName, span.Kind, span.ParentSpanId)));
        Assert.Equal(
            [
                "key=name mode=write outcome=acquired fencing_token=7",
                "key=name mode=read outcome=timed_out",
                $"key=name mode=write type={typeof(LockKindException).FullName} outcome=fault",
            ],
            mine.Select(RecordedSpans.Tags));
        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Unset, ActivityStatusCode.Error], mine.Select(span => span.Status));
        Assert.Same(parent, Activity.Current);
    }

    private Task<HeldLock?> Acquire(LockMode mode) =>
        _client.AcquireAsync(new LockAsk("name", _key, mode), TimeSpan.Zero, TestContext.Current.CancellationToken);
}
