using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.AspNetCore.Management;
using OrleansPatterns.Catalog;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Idempotency keys to look at, and parked ones to free.</summary>
internal static class IdempotencyManagement
{
    internal static void Map(ManagementApi api)
    {
        api.Read<Page<IdempotencyItemView>>(
            "idempotency-keys",
            "Lists the keys that are parked: their executor was lost, and somebody has to find out what it did.",
            (string? status, string? search, int? limit, string? cursor, ICatalogSearch catalog) =>
            {
                var list = new ListRequest(search, limit, cursor);
                var query = list.Query(PatternNames.Idempotency, status);
                return api.Show(async token => Page<IdempotencyItemView>.Of(
                    await catalog.ListAsync(query, token), list.Size, static row => row.Cursor, IdempotencyItemView.Of));
            });
        api.Read<IdempotencyView>(
            "idempotency-key",
            "Where a key stands.",
            (string scope, string key, IIdempotencyOperations operations) =>
            {
                var found = new IdempotencyKey(scope, key);
                return api.Show(async token => IdempotencyView.Of(found, await operations.GetStatusAsync(found, token)));
            });
        api.Act<IdempotencyFreeDeed>("idempotency-key/free", "Frees a parked key whose work took no effect: the next caller runs it.", FreeAsync);
    }

    private static async Task<object> FreeAsync(IServiceProvider services, IdempotencyFreeDeed deed, string by, CancellationToken cancellationToken)
    {
        var operations = services.GetRequiredService<IIdempotencyOperations>();
        var key = new IdempotencyKey(deed.Scope, deed.Key);
        if (!await operations.FreeAsync(key, deed.ExecutionToken, cancellationToken))
        {
            throw new RefusedException(
                $"Key '{key}' is not parked by execution {deed.ExecutionToken}: it has a result, its transaction has committed or is open, or another execution has begun.");
        }

        return IdempotencyView.Of(key, await operations.GetStatusAsync(key, cancellationToken));
    }
}
