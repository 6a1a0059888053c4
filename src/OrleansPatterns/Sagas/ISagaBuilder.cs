namespace OrleansPatterns.Sagas;

/// <summary>Takes the description of a saga. Mistakes are collected and reported together when the silo starts.</summary>
/// <typeparam name="TData">What the steps share.</typeparam>
public interface ISagaBuilder<TData> : ISagaSteps<TData>
    where TData : class
{
    /// <summary>Sets the version of the definition. A running saga keeps the version it began with.</summary>
    /// <remarks>
    /// Change it when steps are added, removed, renamed, reordered or otherwise changed in kind, and keep the old class registered (under the
    /// same <see cref="SagaNameAttribute"/>) until no saga of its version runs. New sagas start with the highest version that is registered.
    /// </remarks>
    /// <param name="version">Default 1. At least 1.</param>
    /// <returns>The same builder.</returns>
    ISagaBuilder<TData> Version(int version);

    /// <summary>
    /// Steps that run at the same time, and are undone at the same time; the saga goes on when all are done. Each works on a copy of the data as it was
    /// when its attempt began, and the members that it changed are merged; of two that change the same member the later wins.
    /// </summary>
    /// <param name="group">Adds the steps, at least two. Groups do not nest, and none of the steps is the pivot.</param>
    /// <returns>The same builder.</returns>
    ISagaBuilder<TData> Parallel(Action<ISagaSteps<TData>> group);

    /// <summary>
    /// After this time the saga is undone, as if it were cancelled, unless it is past its pivot: then it goes on and the deadline means nothing.
    /// </summary>
    /// <param name="deadline">From its start. Default: none. Greater than zero, at most 10 years.</param>
    /// <returns>The same builder.</returns>
    ISagaBuilder<TData> Deadline(TimeSpan deadline);

    /// <summary>How many sagas of this definition may have steps running in one silo at the same time; others wait for their turn.</summary>
    /// <remarks>One that waits for a signal, a delay or a child does not count, and undoing never has to wait.</remarks>
    /// <param name="sagas">Default: no limit. At least 1.</param>
    /// <returns>The same builder.</returns>
    ISagaBuilder<TData> MaxConcurrency(int sagas);

    /// <summary>Sets what a completed saga gives back, see <see cref="ISagaClient.WaitForResultAsync"/>. Default: its data.</summary>
    /// <param name="result">From the data at the end.</param>
    /// <typeparam name="TResult">The result. Goes through System.Text.Json with its default options.</typeparam>
    /// <returns>The same builder.</returns>
    ISagaBuilder<TData> Result<TResult>(Func<TData, TResult> result);

    /// <summary>Makes sagas findable by a value of their data, see <see cref="SagaQuery.Attributes"/>.</summary>
    /// <param name="name">1 to 100 characters, unique in the saga; at most 10 of them.</param>
    /// <param name="value">
    /// From the data; <see langword="null"/>: it has none. Cut after 200 characters. It is written at the start, at the end and when the saga begins to
    /// wait.
    /// </param>
    /// <returns>The same builder.</returns>
    ISagaBuilder<TData> SearchAttribute(string name, Func<TData, string?> value);
}
