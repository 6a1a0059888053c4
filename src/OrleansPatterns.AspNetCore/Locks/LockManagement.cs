using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.AspNetCore.Management;
using OrleansPatterns.Catalog;
using OrleansPatterns.Locks;

namespace OrleansPatterns.AspNetCore.Locks;

/// <summary>Locks to look at, and to break.</summary>
internal static class LockManagement
{
    internal static void Map(ManagementApi api)
    {
        api.Read<Page<LockItemView>>(
            "locks",
            "Lists locks that somebody waits for or has held for a while, the most recently changed first.",
            (string? status, string? search, int? limit, string? cursor, ICatalogSearch catalog, TimeProvider time) =>
            {
                var list = new ListRequest(search, limit, cursor);
                var query = list.Query(PatternNames.Lock, status);
                return api.Show(async token => Page<LockItemView>.Of(
                    await catalog.ListAsync(query, token), list.Size, static row => row.Cursor, row => LockItemView.Of(row, time.GetUtcNow())));
            });
        api.Read<LockView>(
            "lock",
            "A lock: who holds it and who waits, in the order in which they will get it.",
            (string name, ILockOperations locks) => api.Show(async token => LockView.Of(name, await locks.GetStatusAsync(name, token))));
        api.Act<LockBreakDeed>("lock/break", "Takes a lock from one who holds it, or from all who do.", BreakAsync);
    }

    private static async Task<object> BreakAsync(IServiceProvider services, LockBreakDeed deed, string by, CancellationToken cancellationToken)
    {
        var locks = services.GetRequiredService<ILockOperations>();
        await locks.BreakAsync(deed.Name, deed.FencingToken, cancellationToken);
        return LockView.Of(deed.Name, await locks.GetStatusAsync(deed.Name, cancellationToken));
    }
}
