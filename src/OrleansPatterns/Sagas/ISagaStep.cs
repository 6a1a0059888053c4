namespace OrleansPatterns.Sagas;

/// <summary>A step of a saga as a class, made for each attempt with its dependencies.</summary>
/// <typeparam name="TData">What the steps share.</typeparam>
public interface ISagaStep<TData>
    where TData : class
{
    /// <summary>Does the step's work. May run more than once, see <see cref="SagaStepContext{TData}.IdempotencyKey"/>.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="cancellationToken">Fires at the timeout, on cancelling, and when the silo stops.</param>
    /// <exception cref="SagaRejectedException">Thrown by the step to say that it has not happened and never will.</exception>
    Task ExecuteAsync(SagaStepContext<TData> context, CancellationToken cancellationToken);

    /// <summary>Undoes the step. May run more than once, and also when it is not known whether the step has happened.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="cancellationToken">Fires at the timeout and when the silo stops.</param>
    Task CompensateAsync(SagaStepContext<TData> context, CancellationToken cancellationToken);
}
