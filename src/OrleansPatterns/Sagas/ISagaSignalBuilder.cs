namespace OrleansPatterns.Sagas;

/// <summary>Takes the description of a wait for a signal.</summary>
/// <typeparam name="TData">What the steps share.</typeparam>
/// <typeparam name="TSignal">What comes with the signal.</typeparam>
public interface ISagaSignalBuilder<TData, TSignal>
    where TData : class
    where TSignal : class
{
    /// <summary>Puts what came with the signal into the data, in the same write that notes its arrival. Default: it is dropped.</summary>
    /// <param name="apply">Changes the data. Without effects of its own: those belong into the next step.</param>
    /// <returns>The same builder.</returns>
    ISagaSignalBuilder<TData, TSignal> Apply(Action<TData, TSignal> apply);

    /// <summary>Sets how long to wait. Default: for ever.</summary>
    /// <param name="deadline">From when the step's turn comes. Greater than zero, at most 10 years.</param>
    /// <param name="otherwise">What happens then. Default: the saga is undone. After the pivot only <see cref="SagaDeadlineAction.Continue"/>.</param>
    /// <returns>The same builder.</returns>
    ISagaSignalBuilder<TData, TSignal> Deadline(TimeSpan deadline, SagaDeadlineAction otherwise = SagaDeadlineAction.Compensate);

    /// <inheritdoc cref="ISagaStepBuilder{TData}.When"/>
    ISagaSignalBuilder<TData, TSignal> When(Func<TData, bool> condition);
}
