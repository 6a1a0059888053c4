namespace OrleansPatterns.Sagas;

/// <summary>A step of a saga as a class, with what undoes it.</summary>
/// <typeparam name="TData">What the steps share.</typeparam>
public interface ICompensatableSagaStep<TData> : ISagaStep<TData>
    where TData : class
{
    /// <summary>
    /// Undoes the step. May run more than once, and also when it is not known whether the step has happened, see
    /// <see cref="SagaStepContext{TData}.IsOutcomeUnknown"/>.
    /// </summary>
    /// <param name="context">The attempt.</param>
    /// <param name="cancellationToken">Fires at the timeout and when the silo stops, and not when the saga is cancelled.</param>
    Task CompensateAsync(SagaStepContext<TData> context, CancellationToken cancellationToken);
}
