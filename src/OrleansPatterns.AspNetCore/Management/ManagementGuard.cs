using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>Sees to it that nobody puts the console on the net by forgetting to say who may see it.</summary>
internal sealed partial class ManagementGuard
{
    private readonly string _prefix;
    private readonly ILogger _logger;

    private ManagementGuard(IEndpointRouteBuilder routes, string prefix)
    {
        _prefix = prefix;
        _logger = routes.ServiceProvider.GetRequiredService<ILogger<ManagementGuard>>();
    }

    /// <summary>By the endpoints as they are in the end, with what was said to groups around them.</summary>
    private bool IsGuarded(IEnumerable<EndpointDataSource> sources) => sources
        .SelectMany(source => source.Endpoints)
        .Where(endpoint => endpoint.Metadata.Contains(this))
        .All(endpoint => endpoint.Metadata.Any(metadata => metadata is IAuthorizeData or AuthorizationPolicy or IAllowAnonymous));

    /// <summary>Has the application refuse to start, and until it has ended the endpoints to answer, unless somebody has said who may use them.</summary>
    internal static void Watch(IEndpointRouteBuilder routes, RouteGroupBuilder group, string prefix)
    {
        if (routes.ServiceProvider.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            return;
        }

        var guard = new ManagementGuard(routes, prefix);
        group.WithMetadata(guard);
        group.AddEndpointFilter(RefuseUnguardedAsync);
        if (routes is IApplicationBuilder application)
        {
            // Called when the pipeline is put together, which is part of the start: all endpoints are mapped by then.
            application.Use(next => guard.IsGuarded(routes.DataSources) ? next : throw new InvalidOperationException(guard.Message));
            return;
        }

        var lifetime = routes.ServiceProvider.GetRequiredService<IHostApplicationLifetime>();
        lifetime.ApplicationStarted.Register(() =>
        {
            if (!guard.IsGuarded([routes.ServiceProvider.GetRequiredService<EndpointDataSource>()]))
            {
                guard.LogUnguarded(guard.Message);
                lifetime.StopApplication();
            }
        });
    }

    private string Message =>
        $"MapOrleansPatterns(\"{_prefix}\") would let anybody see and steer everything: say who may, by .RequireAuthorization(...), or that everybody may, by "
        + ".AllowAnonymous(). Only in the environment 'Development' neither is needed.";

    private static ValueTask<object?> RefuseUnguardedAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.GetEndpoint()?.Metadata.Any(metadata => metadata is IAuthorizeData or AuthorizationPolicy or IAllowAnonymous) == true
            ? next(context)
            : ValueTask.FromResult<object?>(Results.StatusCode(StatusCodes.Status403Forbidden));

    [LoggerMessage(6004, LogLevel.Critical, "{Complaint} The application stops.")]
    private partial void LogUnguarded(string complaint);
}
