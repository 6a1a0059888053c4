using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>One call of AddSaga: which class, and how to have it described.</summary>
internal sealed record SagaRegistration(Type Saga, Func<IServiceProvider, SagaBlueprint> Describe)
{
    internal static SagaRegistration Of<TSaga, TData>()
        where TSaga : Saga<TData>
        where TData : class =>
        new(typeof(TSaga), services =>
        {
            var builder = new SagaBuilder<TData>(SagaNameAttribute.Of(typeof(TSaga)));
            ActivatorUtilities.CreateInstance<TSaga>(services).DescribeTo(builder);
            return builder.Build();
        });
}
