namespace OrleansPatterns.Sagas;

/// <summary>Takes the description of a step that runs another saga.</summary>
/// <typeparam name="TData">What the steps share.</typeparam>
/// <typeparam name="TChildData">What the steps of the other saga share.</typeparam>
public interface ISagaChildBuilder<TData, TChildData>
    where TData : class
    where TChildData : class
{
    /// <summary>Takes over what the other saga came to, in the same write that notes its end. Default: nothing.</summary>
    /// <param name="apply">Changes the data, without effects of its own.</param>
    /// <returns>The same builder.</returns>
    ISagaChildBuilder<TData, TChildData> Apply(Action<TData, TChildData> apply);

    /// <summary>
    /// States that the other saga is not undone when this one is; needed where it has a pivot, after which it cannot be.
    /// </summary>
    /// <param name="reason">Why, for the reader.</param>
    /// <returns>The same builder.</returns>
    ISagaChildBuilder<TData, TChildData> NotCompensatable(string reason);

    /// <inheritdoc cref="ISagaStepBuilder{TData}.When"/>
    ISagaChildBuilder<TData, TChildData> When(Func<TData, bool> condition);
}
