namespace OrleansPatterns.Sagas;

/// <summary>Takes the description of one step.</summary>
/// <typeparam name="TData">What the steps share.</typeparam>
public interface ISagaStepBuilder<TData>
    where TData : class
{
    /// <summary>Sets what the step does. Exactly once for a step of lambdas, never for one that is a class.</summary>
    /// <param name="action">The action. It observes the token, which fires at the timeout, when the saga turns round, and when the silo stops.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> Do(Func<SagaStepContext<TData>, CancellationToken, Task> action);

    /// <summary>Sets what undoes the step. At most once for a step of lambdas, never for one that is a class.</summary>
    /// <remarks>
    /// Before it runs, the key under which the action ran is sealed, see <see cref="SagaStepContext{TData}.ActionIdempotencyKey"/>.
    /// </remarks>
    /// <param name="compensation">The compensation. It must bear that the action has not happened, see
    /// <see cref="SagaStepContext{TData}.IsOutcomeUnknown"/>.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> Compensate(Func<SagaStepContext<TData>, CancellationToken, Task> compensation);

    /// <summary>
    /// States that the step has no compensation because none is needed or possible: it is passed over when the saga is undone. A step that has neither this nor
    /// a compensation is an error, unless it comes after the pivot or is the last one, which then counts as the <see cref="Pivot"/>.
    /// </summary>
    /// <param name="reason">Why, for the reader: "it only reads".</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> NotCompensatable(string reason);

    /// <summary>
    /// Makes it the point of no return: once it is done the saga is never undone, and the steps after it are tried until they succeed.
    /// </summary>
    /// <remarks>
    /// It may have a compensation for one case only: that after its last attempt nobody knows whether it has happened. Without one the saga is then stuck,
    /// and an operator decides.
    /// </remarks>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> Pivot();

    /// <summary>Sets a condition: asked when the step can begin. Where it is false the step is skipped.</summary>
    /// <param name="condition">From the data.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> When(Func<TData, bool> condition);

    /// <summary>Sets how often the action is tried.</summary>
    /// <param name="retry">Default <c>new SagaRetry()</c>: 3 attempts; after the pivot <see cref="SagaRetry.Unlimited"/>.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> Retry(SagaRetry retry);

    /// <summary>Sets how often the compensation is tried before the saga is stuck.</summary>
    /// <param name="retry">Default <c>new SagaRetry { MaxAttempts = 10 }</c>.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> RetryCompensation(SagaRetry retry);

    /// <summary>Sets how long one attempt of the action, or of the compensation, may take.</summary>
    /// <remarks>
    /// What ignores its token and goes on is left behind, and may overlap with the next attempt or with the compensation; what it calls under its
    /// idempotency key after the compensation has begun is refused.
    /// </remarks>
    /// <param name="timeout">Default 30 seconds. Greater than zero, at most 24 hours.</param>
    /// <returns>The same builder.</returns>
    ISagaStepBuilder<TData> Timeout(TimeSpan timeout);
}
