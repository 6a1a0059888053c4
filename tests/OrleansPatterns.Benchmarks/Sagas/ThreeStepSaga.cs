using OrleansPatterns.Sagas;

namespace OrleansPatterns.Benchmarks.Sagas;

/// <summary>Three steps that do nothing: what is measured is the saga around them.</summary>
internal sealed class ThreeStepSaga : Saga<OrderData>
{
    protected override void Define(ISagaBuilder<OrderData> saga)
    {
        saga.Step("first").Do((_, _) => Task.CompletedTask).Compensate((_, _) => Task.CompletedTask);
        saga.Step("second").Do((_, _) => Task.CompletedTask).Compensate((_, _) => Task.CompletedTask);
        saga.Step("third").Do((_, _) => Task.CompletedTask);
    }
}
