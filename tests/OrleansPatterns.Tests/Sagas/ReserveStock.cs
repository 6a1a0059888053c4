using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>A step as a class that is made from its dependencies.</summary>
internal sealed class ReserveStock(TimeProvider time) : ICompensatableSagaStep<OrderData>
{
    public Task ExecuteAsync(SagaStepContext<OrderData> context, CancellationToken cancellationToken)
    {
        Assert.IsType<SagaTime>(time);
        return SagaScript.RunAsync(context, cancellationToken);
    }

    public Task CompensateAsync(SagaStepContext<OrderData> context, CancellationToken cancellationToken) =>
        SagaScript.RunAsync(context, cancellationToken);
}
