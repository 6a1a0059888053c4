using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.PostgresTests.Idempotency;

/// <summary>An execution in a process whose clock stands still: it renews nothing and finds nothing out by itself, as if the process were gone.</summary>
internal static class LostExecutor
{
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    internal static async Task<IdempotentExecution> BeginAsync(IdempotencySilo silo, string key, IdempotencyOptions? options = null)
    {
        var terms = options ?? new IdempotencyOptions();
        var grain = silo.Grains.GetIdempotencyGrain(key);
        var begun = await grain.BeginAsync(new BeginRequest
        {
            RequestId = Guid.NewGuid(), Fingerprint = "f", Lease = Lease, Retention = terms.Retention, OnAbandoned = terms.OnAbandoned,
        });
        Assert.Equal(BeginOutcome.Started, begun.Outcome);
        return Of(grain, key, begun, terms, silo.Service<ClusterCaller>());
    }

    internal static IdempotentExecution Of(
        IIdempotencyGrain grain, IdempotencyKey key, BeginReply begun, IdempotencyOptions terms, ClusterCaller caller, bool knowsItIsLost = false)
    {
        var time = new FakeTimeProvider();
        var sentAt = time.GetTimestamp();
        if (knowsItIsLost)
        {
            time.Advance(Lease);
        }

        return new IdempotentExecution(
            grain, key, begun, sentAt, terms, terms.Retention, caller, TestInstruments.Idempotency, time, NullLogger.Instance);
    }
}
