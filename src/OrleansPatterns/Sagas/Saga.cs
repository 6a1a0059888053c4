namespace OrleansPatterns.Sagas;

/// <summary>
/// A saga: a list of steps, each with an action and what undoes it. Derive from it, list the steps, register it on every silo.
/// </summary>
/// <remarks>
/// <para>
/// A definition is described once, when the silo starts; it is not code that is replayed. What a running saga does next is decided from its
/// durable record alone. The definition is known by its name, see <see cref="SagaNameAttribute"/>, and by its version.
/// </para>
/// <para>
/// When a step fails for good, what was done is undone, in reverse order of completion: rejected steps did not happen and are left alone, those of which
/// nobody knows are undone as well. A compensation that fails for good leaves the saga <see cref="SagaPhase.Stuck"/>, for an operator. What cannot be
/// taken back is a <see cref="ISagaStepBuilder{TData}.Pivot"/>: after it the saga only goes forward.
/// </para>
/// <para>
/// Steps run <em>at least once</em>: a silo may die after a step has taken effect and before that is recorded. Pass
/// <see cref="SagaStepContext{TData}.IdempotencyKey"/> on to whatever the step calls.
/// </para>
/// <example>
/// <code>
/// public sealed class CheckoutSaga : Saga&lt;CheckoutData&gt;
/// {
///     protected override void Define(ISagaBuilder&lt;CheckoutData&gt; saga)
///     {
///         saga.Step&lt;ReserveStock&gt;().Retry(new SagaRetry { MaxAttempts = 5 });
///         saga.Step("charge")
///             .Do(async (context, token) =&gt; context.Data.PaymentId = await Charge(context.Data, context.IdempotencyKey, token))
///             .Compensate((context, token) =&gt; Refund(context.Data, context.IdempotencyKey, token));
///         saga.WaitFor&lt;Approval&gt;("approved").Deadline(TimeSpan.FromDays(2));
///         saga.Step&lt;ShipOrder&gt;().Pivot();
///         saga.Parallel(group =&gt;
///         {
///             group.Step&lt;SendMail&gt;();
///             group.Step&lt;AddPoints&gt;().When(data =&gt; data.IsMember);
///         });
///     }
/// }
/// </code>
/// </example>
/// </remarks>
/// <typeparam name="TData">What the steps share. Goes through System.Text.Json with its default options.</typeparam>
public abstract class Saga<TData>
    where TData : class
{
    /// <summary>Lists the steps, in the order in which they run. Called once per silo, at its start.</summary>
    /// <param name="saga">Takes the description.</param>
    protected abstract void Define(ISagaBuilder<TData> saga);

    internal void DescribeTo(ISagaBuilder<TData> saga) => Define(saga);
}
