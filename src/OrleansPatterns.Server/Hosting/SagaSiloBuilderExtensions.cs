using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace Orleans.Hosting;

/// <summary>Registers saga definitions on a silo.</summary>
public static class SagaSiloBuilderExtensions
{
    /// <summary>
    /// Registers a saga definition. Silos that have one need all of the cluster's: any of them may be asked to run any saga. Silos with none are asked for none.
    /// </summary>
    /// <remarks>
    /// All definitions are checked when the silo starts; what is wrong with them is reported at once in an
    /// <c>OrleansConfigurationException</c>. The class is made from the silo's services, so its constructor may ask for singletons. Calling
    /// this twice is harmless.
    /// </remarks>
    /// <param name="silo">The silo under construction; it needs <c>AddOrleansPatterns()</c> as well.</param>
    /// <typeparam name="TSaga">The definition.</typeparam>
    /// <typeparam name="TData">What its steps share.</typeparam>
    /// <returns>The same builder.</returns>
    public static ISiloBuilder AddSaga<TSaga, TData>(this ISiloBuilder silo)
        where TSaga : Saga<TData>
        where TData : class
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddSaga<TSaga, TData>();
        return silo;
    }

    /// <inheritdoc cref="AddSaga{TSaga,TData}(ISiloBuilder)"/>
    /// <param name="services">The services of the silo's host.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSaga<TSaga, TData>(this IServiceCollection services)
        where TSaga : Saga<TData>
        where TData : class
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton(SagaRegistration.Of<TSaga, TData>());
        return services;
    }
}
