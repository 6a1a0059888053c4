namespace OrleansPatterns.Sagas;

/// <summary>Takes steps: of a saga, where they run one after the other, or of a parallel group in it.</summary>
/// <remarks>
/// Conditions, delays and whatever else is computed from the data runs in the saga's grain and decides what it does: quick, without effects,
/// from its arguments alone. One that throws parks the saga.
/// </remarks>
/// <typeparam name="TData">What the steps share.</typeparam>
public interface ISagaSteps<TData>
    where TData : class
{
    /// <summary>Adds a step made of lambdas.</summary>
    /// <param name="name">Unique in the saga: 1 to 100 characters without <c>/</c>, <c>:</c> and control characters.</param>
    ISagaStepBuilder<TData> Step(string name);

    /// <summary>
    /// Adds a step that is a class. It is made anew for each attempt, from that attempt's own dependency injection scope.
    /// </summary>
    /// <param name="name">
    /// As for <see cref="Step(string)"/>; <see langword="null"/> (default): the name of <typeparamref name="TStep"/>.
    /// </param>
    /// <typeparam name="TStep">The step. It need not be registered.</typeparam>
    ISagaStepBuilder<TData> Step<TStep>(string? name = null)
        where TStep : class, ISagaStep<TData>;

    /// <summary>Waits for a signal, see <see cref="ISagaClient.SignalAsync"/>. One that came before its turn is there already.</summary>
    /// <param name="signal">The signal's name, and the step's; as for <see cref="Step(string)"/>.</param>
    /// <typeparam name="TSignal">What comes with it. Goes through System.Text.Json with its default options.</typeparam>
    ISagaSignalBuilder<TData, TSignal> WaitFor<TSignal>(string signal)
        where TSignal : class;

    /// <summary>Waits for a signal that says nothing but its name.</summary>
    /// <param name="signal">As for <see cref="WaitFor{TSignal}"/>.</param>
    ISagaSignalBuilder<TData, SagaNoPayload> WaitFor(string signal) => WaitFor<SagaNoPayload>(signal);

    /// <summary>Waits for a time, across restarts of everything; a waiting saga takes no memory.</summary>
    /// <param name="name">As for <see cref="Step(string)"/>.</param>
    /// <param name="delay">From when its turn comes. Zero to 10 years.</param>
    ISagaDelayBuilder<TData> Delay(string name, TimeSpan delay);

    /// <summary>Waits for a time that depends on the data.</summary>
    /// <param name="name">As for <see cref="Step(string)"/>.</param>
    /// <param name="delay">Asked when its turn comes. Below zero counts as zero, above 10 years parks the saga.</param>
    ISagaDelayBuilder<TData> Delay(string name, Func<TData, TimeSpan> delay);

    /// <summary>
    /// Runs another saga to its end, under the id <c>sagaId/name</c>. If it ends Compensated the step is rejected; if this saga is undone, so is the
    /// other one, although it is completed.
    /// </summary>
    /// <param name="name">As for <see cref="Step(string)"/>.</param>
    /// <param name="data">What the other saga starts with.</param>
    /// <typeparam name="TSaga">The other definition, registered on the silos as well.</typeparam>
    /// <typeparam name="TChildData">What its steps share.</typeparam>
    ISagaChildBuilder<TData, TChildData> Child<TSaga, TChildData>(string name, Func<TData, TChildData> data)
        where TSaga : Saga<TChildData>
        where TChildData : class;
}
