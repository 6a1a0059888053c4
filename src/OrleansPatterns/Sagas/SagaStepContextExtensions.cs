using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Sagas;

/// <summary>What steps can do under their idempotency key.</summary>
public static class SagaStepContextExtensions
{
    private static readonly RequestFingerprint Fingerprint = "OrleansPatterns.SagaStep";

    /// <summary>Runs work that knows no idempotency keys itself as an execution of this attempt's key.</summary>
    /// <remarks>
    /// A later attempt gets the recorded result instead of running it again, two attempts never run it at the same time, and once the step is being undone
    /// it does not begin any more. If an executor dies in the middle, the next attempt runs it after the lease, 30 seconds by default; attempts that come
    /// before that do not count. The result is kept for <see cref="SagaOptions.Retention"/>. Two writes more than without.
    /// </remarks>
    /// <param name="context">The attempt.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">The step's token.</param>
    /// <typeparam name="TData">What the steps share.</typeparam>
    /// <typeparam name="TResult">The result. Goes through System.Text.Json.</typeparam>
    /// <exception cref="IdempotencySealedException">The step is being undone, or is undone.</exception>
    /// <exception cref="IdempotencyInProgressException">An earlier attempt is still at work, or has died and its lease lasts.</exception>
    public static Task<TResult> ExecuteOnceAsync<TData, TResult>(
        this SagaStepContext<TData> context, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default)
        where TData : class
    {
        ArgumentNullException.ThrowIfNull(context);
        var options = new IdempotencyOptions(context.Services.GetRequiredService<IOptions<IdempotencyOptions>>().Value)
        {
            Retention = context.Services.GetRequiredService<IOptions<SagaOptions>>().Value.Retention,
        };
        return context.Services.GetRequiredService<IIdempotencyStore>().ExecuteAsync(
            context.IdempotencyKey, Fingerprint, work, options, cancellationToken);
    }
}
