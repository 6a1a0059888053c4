using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrleansPatterns.AspNetCore.Discovery;
using OrleansPatterns.Discovery;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets an ASP.NET Core application register itself with service discovery.</summary>
public static class SelfRegistrationExtensions
{
    /// <summary>Registers the application's own address as an instance of a service while it runs.</summary>
    /// <remarks>
    /// The application must be a silo or an Orleans client with <c>AddOrleansPatterns()</c>. It registers after its server has begun to listen. Before
    /// it stops it says that it is <see cref="InstanceStatus.Draining"/>, goes on answering for <see cref="SelfRegistrationOptions.DrainDelay"/>, and
    /// deregisters. A cluster that is away delays the registration and not the start; an address or instance that is not valid stops the application,
    /// and options that are not valid keep it from starting (<see cref="OptionsValidationException"/>). An application may be several services;
    /// calling it twice for the same one only configures that again.
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
        var options = services.AddOptions<SelfRegistrationOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SelfRegistrationOptions>, SelfRegistrationOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SelfRegistrations>());
        var self = new SelfRegisteredService(name);
        if (!services.Any(added => !added.IsKeyedService && self.Equals(added.ImplementationInstance)))
        {
            services.AddSingleton(self);
        }

        return services;
    }
}
