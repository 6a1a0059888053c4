using OrleansPatterns.Sagas;

namespace OrleansPatterns.Benchmarks.Sagas;

/// <summary>Two steps that do nothing: what is measured is the saga around them.</summary>
internal sealed class TwoStepSaga : Saga<TwoStepData>
{
    protected override void Define(ISagaBuilder<TwoStepData> saga)
    {
        saga.Step("first").Do((_, _) => Task.CompletedTask).Compensate((_, _) => Task.CompletedTask);
        saga.Step("second").Do((_, _) => Task.CompletedTask);
    }
}
