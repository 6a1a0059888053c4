using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace OrleansPatterns.Sagas;

internal static class SagaClientRegistration
{
    /// <summary>What a process needs in order to use this pattern: client services, options, validators. Harmless when repeated.</summary>
    internal static IServiceCollection AddSagaClient(this IServiceCollection services)
    {
        services.AddOptions<SagaOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SagaOptions>, SagaOptionsValidator>());
        services.TryAddSingleton<SagaClient>();
        services.TryAddSingleton<ISagaClient>(provider => provider.GetRequiredService<SagaClient>());
        services.TryAddSingleton<ISagaOperations, SagaOperations>();
        return services;
    }
}
