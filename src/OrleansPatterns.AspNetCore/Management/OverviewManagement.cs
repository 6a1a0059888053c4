using OrleansPatterns.Catalog;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>What there is, and what somebody should look at.</summary>
internal static class OverviewManagement
{
    /// <summary>Of each pattern, so that no pattern's trouble hides another's.</summary>
    private const int MaxAttention = 20;

    /// <summary>Waiting for a lock is what locks are for; having waited for so long is not.</summary>
    private static readonly TimeSpan LongContended = TimeSpan.FromSeconds(10);

    private static readonly CatalogQuery[] NeedingAttention =
    [
        new() { Pattern = PatternNames.Saga, Statuses = [nameof(SagaPhase.Stuck), nameof(SagaPhase.Parked)] },
        new()
        {
            Pattern = PatternNames.Breaker,
            Statuses =
            [
                nameof(BreakerState.Open), nameof(BreakerState.HalfOpen), nameof(BreakerState.LocalOpen), nameof(BreakerState.Isolated),
                nameof(BreakerState.ForcedClosed), nameof(BreakerState.MetricsOnly), nameof(BreakerState.Disabled),
            ],
        },
        new()
        {
            Pattern = PatternNames.Service,
            Statuses = [nameof(ServiceListingStatus.Down), nameof(ServiceListingStatus.Degraded), nameof(ServiceListingStatus.Protected)],
        },
        new() { Pattern = PatternNames.Lock, Statuses = [nameof(LockListingStatus.Contended)], MinAge = LongContended },
        new() { Pattern = PatternNames.Idempotency, Statuses = [nameof(IdempotencyPhase.Parked)] },
    ];

    internal static void Map(ManagementApi api) => api.Read<OverviewView>(
        "overview",
        "How many there are of what, and what somebody should look at.",
        (ICatalogSearch catalog) => api.Show(async token => await ReadAsync(catalog, token)));

    private static async Task<OverviewView> ReadAsync(ICatalogSearch catalog, CancellationToken cancellationToken)
    {
        var counts = NeedingAttention.ToDictionary(query => query.Pattern, query => catalog.CountAsync(query.Pattern, cancellationToken));
        var found = NeedingAttention.Select(query => catalog.ListAsync(query with { MaxCount = MaxAttention + 1 }, cancellationToken)).ToArray();
        await Task.WhenAll([.. counts.Values, .. found]);
        return new OverviewView(
            counts.ToDictionary(count => count.Key, count => new PatternCountsView(count.Value.Result)),
            ICatalog.CountLimit,
            [.. found.SelectMany(static rows => rows.Result.Take(MaxAttention)).Select(AttentionView.Of).OrderBy(static one => one.Since)],
            found.Any(static rows => rows.Result.Count > MaxAttention));
    }
}
