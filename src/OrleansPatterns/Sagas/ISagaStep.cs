namespace OrleansPatterns.Sagas;

/// <summary>A step of a saga as a class, made for each attempt with its dependencies.</summary>
/// <remarks>One that can be undone is an <see cref="ICompensatableSagaStep{TData}"/>.</remarks>
/// <typeparam name="TData">What the steps share.</typeparam>
public interface ISagaStep<TData>
    where TData : class
{
    /// <summary>Does the step's work. May run more than once, see <see cref="SagaStepContext{TData}.IdempotencyKey"/>.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="cancellationToken">Fires at the timeout, when the saga turns round, and when the silo stops.</param>
    /// <exception cref="SagaRejectedException">Thrown by the step to say that it has not happened and never will.</exception>
    Task ExecuteAsync(SagaStepContext<TData> context, CancellationToken cancellationToken);
}
