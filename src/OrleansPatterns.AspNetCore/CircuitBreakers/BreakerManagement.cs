using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.AspNetCore.Management;
using OrleansPatterns.Catalog;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.AspNetCore.CircuitBreakers;

/// <summary>Breakers to look at, hold and close.</summary>
internal static class BreakerManagement
{
    internal static void Map(ManagementApi api)
    {
        api.Read<Page<BreakerItemView>>(
            "breakers",
            "Lists the breakers in use, the most recently changed first.",
            (string? status, string? search, int? limit, string? cursor, ICatalogSearch catalog) =>
            {
                var list = new ListRequest(search, limit, cursor);
                var query = list.Query(PatternNames.Breaker, status);
                return api.Show(async token => Page<BreakerItemView>.Of(
                    await catalog.ListAsync(query, token), list.Size, static row => row.Cursor, BreakerItemView.Of));
            });
        api.Read<BreakerView>(
            "breaker",
            "A breaker: what the cluster has decided and counted, by caller, and its last changes.",
            (string name, ICircuitBreakerOperations breakers) => api.Show(async token => BreakerView.Of(name, await breakers.GetStatusAsync(name, token))));
        api.Act<BreakerHoldDeed>("breaker/hold", "Holds a breaker by hand for the whole cluster.", HoldAsync);
        api.Act<BreakerDeed>("breaker/close", "Closes a breaker for the whole cluster, whatever its state.", CloseAsync);
    }

    private static async Task<object> HoldAsync(IServiceProvider services, BreakerHoldDeed deed, string by, CancellationToken cancellationToken)
    {
        var breakers = services.GetRequiredService<ICircuitBreakerOperations>();
        await breakers.HoldAsync(
            deed.Name, new BreakerOverride { State = deed.State, Reason = deed.Reason, Author = by, ExpiresAfter = deed.ExpiresAfter }, cancellationToken);
        return BreakerView.Of(deed.Name, await breakers.GetStatusAsync(deed.Name, cancellationToken));
    }

    private static async Task<object> CloseAsync(IServiceProvider services, BreakerDeed deed, string by, CancellationToken cancellationToken)
    {
        var breakers = services.GetRequiredService<ICircuitBreakerOperations>();
        await breakers.CloseAsync(deed.Name, by, cancellationToken);
        return BreakerView.Of(deed.Name, await breakers.GetStatusAsync(deed.Name, cancellationToken));
    }
}
