using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>Makes the builders of steps, and hands each to whoever collects them.</summary>
internal sealed class SagaSteps<TData>(Action<SagaElement<TData>> add) : ISagaSteps<TData>
    where TData : class
{
    public ISagaStepBuilder<TData> Step(string name) => Add(new SagaStepBuilder<TData>(name));

    public ISagaStepBuilder<TData> Step<TStep>(string? name = null)
        where TStep : class, ISagaStep<TData> => Add(SagaStepBuilder<TData>.ForClass<TStep>(name ?? typeof(TStep).Name));

    public ISagaSignalBuilder<TData, TSignal> WaitFor<TSignal>(string signal)
        where TSignal : class => Add(new SagaSignalBuilder<TData, TSignal>(signal));

    public ISagaDelayBuilder<TData> Delay(string name, TimeSpan delay) => Add(new SagaDelayBuilder<TData>(name, delay));

    public ISagaDelayBuilder<TData> Delay(string name, Func<TData, TimeSpan> delay)
    {
        ArgumentNullException.ThrowIfNull(delay);
        return Add(new SagaDelayBuilder<TData>(name, delay));
    }

    public ISagaChildBuilder<TData, TChildData> Child<TSaga, TChildData>(string name, Func<TData, TChildData> data)
        where TSaga : Saga<TChildData>
        where TChildData : class
    {
        ArgumentNullException.ThrowIfNull(data);
        return Add(new SagaChildBuilder<TData, TChildData>(name, SagaNameAttribute.Of(typeof(TSaga)), data));
    }

    private TElement Add<TElement>(TElement element)
        where TElement : SagaElement<TData>
    {
        add(element);
        return element;
    }
}
