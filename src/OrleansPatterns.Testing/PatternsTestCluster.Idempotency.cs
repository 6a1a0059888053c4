using Microsoft.Extensions.Options;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Testing;

public sealed partial class PatternsTestCluster
{
    /// <summary>
    /// Lets the lease of an idempotent execution end as if its executor had died: it renews no more, and time passes until the key is abandoned or another's.
    /// </summary>
    /// <remarks>
    /// The execution's <c>LostToken</c> fires, or the token that <see cref="IIdempotencyStore.ExecuteAsync"/> gave to the work. Who waits for the result takes
    /// over, or finds the key parked, as <see cref="IdempotencyOptions.OnAbandoned"/> says.
    /// </remarks>
    /// <param name="key">The operation.</param>
    /// <param name="cancellationToken">Stops at the next step.</param>
    /// <exception cref="InvalidOperationException">Nothing is being executed under the key, or the cluster runs on the real clock.</exception>
    /// <exception cref="TimeoutException">The executor still has the key although its lease is over.</exception>
    public async Task ExpireExecutionAsync(IdempotencyKey key, CancellationToken cancellationToken = default)
    {
        var operations = Service<IIdempotencyOperations>();
        _ = Time;
        var running = await operations.GetStatusAsync(key, cancellationToken);
        if (running.Phase != IdempotencyPhase.InProgress)
        {
            throw new InvalidOperationException($"Nothing is being executed under key '{key}', which is {running.Phase}, so there is no lease that could expire.");
        }

        _parts.Silenced.Silence(GrainKeys.GrainIdFor(PatternNames.Idempotency, key.ToResourceKey()), running.ExecutionToken);
        var slice = Service<IOptions<IdempotencyOptions>>().Value.Lease / 10;
        await AdvanceWhileAsync(LeftAsync, $"execution {running.ExecutionToken} of key '{key}' is abandoned", cancellationToken);

        async Task<TimeSpan> LeftAsync()
        {
            var status = await operations.GetStatusAsync(key, cancellationToken);
            return (status.Phase, status.ExecutionToken) == (IdempotencyPhase.InProgress, running.ExecutionToken) ? slice : TimeSpan.Zero;
        }
    }
}
