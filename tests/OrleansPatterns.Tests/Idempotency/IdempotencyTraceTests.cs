using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Tests.Telemetry;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

[Collection(nameof(TraceListeners))]
public sealed class IdempotencyTraceTests(MemoryCluster fixture)
{
    private readonly string _key = NewKey();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task Work_RunsInASpanOfItsOwn_BesideTheOneOfAsking_AndAReplayHasOnlyThat()
    {
        using var spans = new RecordedSpans();
        using var parent = new Activity("request").Start();
        var ranIn = await Store.ExecuteAsync(_key, "f", _ => Task.FromResult(Activity.Current!.SpanId.ToString()), cancellationToken: Cancel);
        await Store.ExecuteAsync(_key, "f", _ => Task.FromResult("again"), cancellationToken: Cancel);

        var mine = spans.Of(parent);
        var token = (await fixture.Cluster.Client.GetIdempotencyGrain(_key).GetStatusAsync()).ExecutionToken;
        Assert.Equal(
            [
                $"idempotency begin: key=default/{_key} outcome=started execution_token={token}",
                $"idempotency execute: key=default/{_key} execution_token={token}",
                $"idempotency begin: key=default/{_key} outcome=replayed execution_token={token}",
            ],
            mine.Select(span => $"{span.OperationName}: {RecordedSpans.Tags(span)}"));
        Assert.All(mine, span => Assert.Equal((parent.SpanId, ActivityStatusCode.Unset), (span.ParentSpanId, span.Status)));
        Assert.Equal(mine[1].SpanId.ToString(), ranIn);
        Assert.Equal([ActivityKind.Client, ActivityKind.Internal, ActivityKind.Client], mine.Select(span => span.Kind));
    }

    [Fact]
    public async Task Work_ThatFails_IsAnErrorOfItsSpan_AndARefusalIsNone()
    {
        using var spans = new RecordedSpans();
        using var parent = new Activity("request").Start();
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Store.ExecuteAsync<int>(_key, "f", _ => throw new InvalidOperationException("no paper"), cancellationToken: Cancel));
        await Store.ExecuteAsync(_key, "f", _ => Task.FromResult(1), cancellationToken: Cancel);
        await Assert.ThrowsAsync<IdempotencyFingerprintMismatchException>(() => Store.ExecuteAsync(_key, "g", _ => Task.FromResult(1), cancellationToken: Cancel));

        var mine = spans.Of(parent);
        var failed = Assert.Single(mine, span => span.Status == ActivityStatusCode.Error);
        Assert.Equal(("idempotency execute", "no paper"), (failed.OperationName, failed.StatusDescription));
        Assert.Equal("System.InvalidOperationException", failed.GetTagItem("error.type"));
        Assert.Equal("mismatch", mine[^1].GetTagItem("orleanspatterns.idempotency.outcome"));
    }
}
