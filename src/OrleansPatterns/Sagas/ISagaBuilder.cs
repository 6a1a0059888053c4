namespace OrleansPatterns.Sagas;

/// <summary>Takes the description of a saga. Mistakes are collected and reported together when the silo starts.</summary>
/// <typeparam name="TData">What the steps share.</typeparam>
public interface ISagaBuilder<TData>
    where TData : class
{
    /// <summary>Sets the version of the definition. A running saga keeps the version it began with.</summary>
    /// <remarks>
    /// Change it when steps are added, removed, renamed or reordered, and keep the old class registered (under the same
    /// <see cref="SagaNameAttribute"/>) until no saga of its version runs. New sagas start with the highest version that is registered.
    /// </remarks>
    /// <param name="version">Default 1. At least 1.</param>
    /// <returns>The same builder.</returns>
    ISagaBuilder<TData> Version(int version);

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
}
