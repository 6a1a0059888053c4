using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.AspNetCore.CircuitBreakers;
using OrleansPatterns.AspNetCore.Console;
using OrleansPatterns.AspNetCore.Discovery;
using OrleansPatterns.AspNetCore.Idempotency;
using OrleansPatterns.AspNetCore.Locks;
using OrleansPatterns.AspNetCore.Management;
using OrleansPatterns.AspNetCore.Sagas;
using OrleansPatterns.Catalog;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Gives operators a console in the browser, and an API to the same.</summary>
public static class OrleansPatternsEndpointExtensions
{
    /// <summary>Maps the console, and below <c>api/</c> the management API, to see and steer all five patterns of the cluster.</summary>
    /// <remarks>
    /// <para>
    /// Safe by default: outside of the environment <c>Development</c> the application does not start unless somebody has said who may use them,
    /// <c>.RequireAuthorization(...)</c>, or that everybody may, <c>.AllowAnonymous()</c>. Who may see may act. Actions need the console's antiforgery token or an
    /// <c>Authorization: Bearer</c> header, and a reason; who did what to what and why is logged, as a warning, before it is done.
    /// </para>
    /// <para>
    /// The application must be a silo or an Orleans client with <c>AddOrleansPatterns()</c>. Where several processes answer under one address, they have to
    /// share their data protection keys, or the console repeats actions until it reaches the process that it has its token from.
    /// </para>
    /// <para>
    /// Refusals are problem details whose types, <c>urn:orleanspatterns:management:...</c>, are a contract: 400 <c>invalid</c> and <c>antiforgery</c>, 404
    /// <c>not-found</c>, 409 <c>refused</c>, 503 <c>cluster-unavailable</c> (of an action: it may have been done) and <c>too-many-streams</c>.
    /// </para>
    /// </remarks>
    /// <param name="endpoints">The application, or a group of its routes.</param>
    /// <param name="prefix">Where. Default <c>/patterns</c>.</param>
    /// <returns>All of it, to say who may use it.</returns>
    /// <exception cref="InvalidOperationException">The application is neither a silo nor a client with <c>AddOrleansPatterns()</c>.</exception>
    public static IEndpointConventionBuilder MapOrleansPatterns(this IEndpointRouteBuilder endpoints, string prefix = "/patterns")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        if (endpoints.ServiceProvider.GetService<ICatalogSearch>() is null)
        {
            throw new InvalidOperationException(
                "MapOrleansPatterns() needs a silo or an Orleans client in this application: builder.UseOrleans(silo => ...) or "
                + "builder.UseOrleansClient(client => ...), with AddOrleansPatterns() on it.");
        }

        var group = endpoints.MapGroup(prefix);
        ManagementGuard.Watch(endpoints, group, prefix);
        ConsoleAssets.Map(group);
        var api = new ManagementApi(group.MapGroup("api"), endpoints.ServiceProvider);
        OverviewManagement.Map(api);
        SagaManagement.Map(api);
        BreakerManagement.Map(api);
        ServiceManagement.Map(api);
        LockManagement.Map(api);
        IdempotencyManagement.Map(api);
        return group;
    }
}
