using OrleansPatterns.Sagas;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>The saga that the sample of a waiting one goes on as.</summary>
[SagaName(Name)]
internal sealed class SampleSaga : Saga<SampleSagaData>
{
    internal const string Name = "sample";

    internal const string Signal = "approved";

    /// <summary>Of the steps below. Where it came out differently in another version, sagas that run would be parked.</summary>
    internal const string Fingerprint = "0a04131454d662d0";

    protected override void Define(ISagaBuilder<SampleSagaData> saga)
    {
        saga.Step("reserve")
            .Do((step, token) => Task.CompletedTask)
            .Compensate((step, token) => Task.CompletedTask);
        saga.WaitFor<string>(Signal).Deadline(TimeSpan.FromDays(2));
        saga.Step("charge").Do((step, token) =>
        {
            step.Data.Charged = step.Data.Reserved;
            return Task.CompletedTask;
        });
    }
}
