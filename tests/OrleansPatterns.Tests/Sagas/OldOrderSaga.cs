using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>The version before <see cref="OrderSaga"/>, still registered for sagas that began with it.</summary>
[SagaName("order")]
internal sealed class OldOrderSaga : Saga<OrderData>
{
    protected override void Define(ISagaBuilder<OrderData> saga) => saga.Step("charge").Do(SagaScript.RunAsync).NotCompensatable("it is a test");
}
