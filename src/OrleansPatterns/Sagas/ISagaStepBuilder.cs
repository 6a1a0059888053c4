namespace OrleansPatterns.Sagas;

/// <summary>Takes the description of one step.</summary>
/// <typeparam name="TData">What the steps share.</typeparam>
public interface ISagaStepBuilder<TData>
    where TData : class
{
    /// <summary>Sets what the step does. Exactly once for a step of lambdas, never for one that is a class.</summary>
    /// <param name="action">The action. It observes the token, which fires at the timeout, on cancelling, and when the silo stops.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> Do(Func<SagaStepContext<TData>, CancellationToken, Task> action);

    /// <summary>Sets what undoes the step. At most once for a step of lambdas, never for one that is a class.</summary>
    /// <remarks>Without it there is nothing to undo: compensation passes over the step.</remarks>
    /// <param name="compensation">The compensation. It must bear that the action has not happened, see
    /// <see cref="SagaStepContext{TData}.IsOutcomeUnknown"/>.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> Compensate(Func<SagaStepContext<TData>, CancellationToken, Task> compensation);

    /// <summary>Sets how often the action is tried.</summary>
    /// <param name="retry">Default <c>new SagaRetry()</c>: 3 attempts.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> Retry(SagaRetry retry);

    /// <summary>Sets how often the compensation is tried before the saga is stuck.</summary>
    /// <param name="retry">Default <c>new SagaRetry { MaxAttempts = 10 }</c>.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> RetryCompensation(SagaRetry retry);

    /// <summary>Sets how long one attempt of the action, or of the compensation, may take.</summary>
    /// <remarks>
    /// What ignores its token and goes on is left behind, and may overlap with the next attempt or with the compensation.
    /// </remarks>
    /// <param name="timeout">Default 30 seconds. Greater than zero, at most 24 hours.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> Timeout(TimeSpan timeout);
}
