namespace OrleansPatterns.Sagas;

/// <summary>Takes the description of a delay.</summary>
/// <typeparam name="TData">What the steps share.</typeparam>
public interface ISagaDelayBuilder<TData>
    where TData : class
{
    /// <inheritdoc cref="ISagaStepBuilder{TData}.When"/>
    ISagaDelayBuilder<TData> When(Func<TData, bool> condition);
}
