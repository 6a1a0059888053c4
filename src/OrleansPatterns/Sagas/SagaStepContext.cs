using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Sagas;

/// <summary>What one attempt of a step, or of its compensation, is given.</summary>
/// <typeparam name="TData">What the steps share.</typeparam>
public sealed class SagaStepContext<TData>
    where TData : class
{
    /// <summary>The saga's id.</summary>
    public required string SagaId { get; init; }

    /// <summary>The step's name.</summary>
    public required string StepName { get; init; }

    /// <summary>
    /// A copy of the saga's data for this attempt. Changes are stored together with the success of the attempt, else dropped.
    /// </summary>
    public required TData Data
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    }

    /// <summary>Which attempt this is, from 1. Counted apart for the action and for its compensation.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Whether the step is being undone.</summary>
    public bool IsCompensation { get; init; }

    /// <summary>
    /// In a compensation: the action may have happened or not (it timed out, failed at its last attempt, or was cut off by a crash). False:
    /// it has been recorded as done, by the saga or under <see cref="ActionIdempotencyKey"/>.
    /// </summary>
    public bool IsOutcomeUnknown { get; init; }

    /// <summary>The services of this attempt's own scope.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>
    /// The same on every attempt, on every silo: <c>sagaId/step</c>, and <c>sagaId/step:compensation</c> while it is being undone. Where that would be
    /// longer than an <see cref="IdempotencyKey"/> may be, a hash stands for the saga's id.
    /// </summary>
    /// <remarks>
    /// The two differ so that a service which remembers keys does not answer the undoing with the remembered answer to the action.
    /// </remarks>
    public string IdempotencyKey => IsCompensation ? ActionIdempotencyKey + SagaStepKey.CompensationSuffix : ActionIdempotencyKey;

    /// <summary>The key under which the action ran, in the compensation as well.</summary>
    /// <remarks>
    /// Before a compensation runs, this key is <em>sealed</em> in the cluster: what runs under it by <see cref="IIdempotencyStore"/>, in this process or
    /// in any service of the cluster, has ended by then, and what comes later is refused with <see cref="IdempotencySealedException"/>. So a slow
    /// call of the action cannot take effect after its undoing. Endpoints with <c>WithIdempotency</c> and grain methods with
    /// <see cref="IdempotentAttribute"/> that are called under it refuse late calls too; those that have begun already are not waited for.
    /// <see cref="SagaStepContextExtensions.ExecuteOnceAsync"/> runs work under it.
    /// </remarks>
    public string ActionIdempotencyKey => SagaStepKey.For(SagaId, StepName);
}
