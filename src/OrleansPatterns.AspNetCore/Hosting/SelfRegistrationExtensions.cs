using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansPatterns.AspNetCore.Discovery;
using OrleansPatterns.Discovery;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets an ASP.NET Core application register itself with service discovery.</summary>
public static class SelfRegistrationExtensions
{
    /// <summary>Registers the application's own address as an instance of a service while it runs.</summary>
    /// <remarks>
    /// The application must be a silo or an Orleans client with <c>AddOrleansPatterns()</c>. It registers after its server has begun to listen and
    /// deregisters before it stops. A cluster that is away delays the registration and not the start; a name or address that is not valid stops the
    /// application.
    /// </remarks>
    /// <param name="services">The application's services.</param>
    /// <param name="service">The service's name: 1 to 512 characters without control characters.</param>
    /// <param name="configure">Sets options; <see langword="null"/> (default): the defaults.</param>
    /// <returns>The same collection.</returns>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public static IServiceCollection AddServiceRegistration(
        this IServiceCollection services, string service, Action<SelfRegistrationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var name = OrleansPatterns.ResourceKey.Parse(service).Value;
        var options = new SelfRegistrationOptions();
        configure?.Invoke(options);
        return services.AddSingleton<IHostedService>(provider => new SelfRegistration(
            name,
            options,
            provider.GetRequiredService<IServer>(),
            provider.GetRequiredService<IServiceRegistry>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SelfRegistration>>()));
    }
}
