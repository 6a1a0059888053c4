using OrleansPatterns.Sagas;

public sealed record Checkout(string Sku);

public sealed class CheckoutSaga : Saga<Checkout>
{
    protected override void Define(ISagaBuilder<Checkout> saga)
    {
        saga.Step("reserve").Do((_, _) => Task.CompletedTask).Compensate((_, _) => Task.CompletedTask);
        saga.Step("charge").Do((_, _) => Task.CompletedTask);
    }
}
