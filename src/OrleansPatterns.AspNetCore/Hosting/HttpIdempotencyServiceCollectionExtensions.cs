using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansPatterns.AspNetCore.Idempotency;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Options and OpenAPI for endpoints and actions that are idempotent by the <c>Idempotency-Key</c> header.</summary>
public static class HttpIdempotencyServiceCollectionExtensions
{
    /// <summary>
    /// Sets options for all endpoints with <c>WithIdempotency()</c> and actions with <see cref="IdempotentActionAttribute"/>, checks them on start,
    /// and describes the header and the refusals in OpenAPI documents.
    /// </summary>
    /// <remarks>
    /// Not needed for endpoints and actions to be protected. The descriptions go by way of the API explorer, so Microsoft.AspNetCore.OpenApi,
    /// Swashbuckle and NSwag show them. Harmless when repeated. Options that are not valid keep the application from starting
    /// (<see cref="OptionsValidationException"/>).
    /// </remarks>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets options; <see langword="null"/> (default): the defaults, or what was configured elsewhere.</param>
    /// <returns>The same collection.</returns>
    public static IServiceCollection AddHttpIdempotency(this IServiceCollection services, Action<HttpIdempotencyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<HttpIdempotencyOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HttpIdempotencyOptions>, HttpIdempotencyOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, IdempotencyApiDescriptions>());
        return services;
    }
}
