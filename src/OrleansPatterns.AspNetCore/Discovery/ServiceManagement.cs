using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.AspNetCore.Management;
using OrleansPatterns.Catalog;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>Services and their instances to look at, and to take calls from or let have them.</summary>
internal static class ServiceManagement
{
    internal static void Map(ManagementApi api)
    {
        api.Read<Page<ServiceItemView>>(
            "services",
            "Lists services, the most recently changed first.",
            (string? status, string? search, int? limit, string? cursor, ICatalogSearch catalog) =>
            {
                var list = new ListRequest(search, limit, cursor);
                var query = list.Query(PatternNames.Service, status);
                return api.Show(async token => Page<ServiceItemView>.Of(
                    await catalog.ListAsync(query, token), list.Size, static row => row.Cursor, ServiceItemView.Of));
            });
        api.Read<ServiceView>(
            "service",
            "A service: its instances, when each was last heard of, and who says what of it.",
            (string name, IServiceOperations services) => api.Show(async token => ServiceView.Of(name, await services.GetStatusAsync(name, token))));
        api.Act<InstanceOverrideDeed>(
            "service/override",
            "Decides an instance's status by hand.",
            (services, deed, by, token) => OverrideAsync(
                services, deed.Service, deed.Instance, new InstanceOverride { Status = deed.Status, Reason = deed.Reason, Author = by }, token));
        api.Act<InstanceDeed>(
            "service/release",
            "Takes a decision by hand back: the instance's own word holds again.",
            (services, deed, _, token) => OverrideAsync(services, deed.Service, deed.Instance, byHand: null, token));
    }

    private static async Task<object> OverrideAsync(
        IServiceProvider services, string service, string instance, InstanceOverride? byHand, CancellationToken cancellationToken)
    {
        if (!await services.GetRequiredService<IServiceRegistry>().OverrideStatusAsync(service, instance, byHand, cancellationToken))
        {
            throw new NothingByThisNameException($"Service '{service}' has no instance '{instance}' any more.");
        }

        return ServiceView.Of(service, await services.GetRequiredService<IServiceOperations>().GetStatusAsync(service, cancellationToken));
    }
}
