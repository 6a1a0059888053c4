using Microsoft.Extensions.Options;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>
/// Closes the key of an action before the action is undone: what runs under it has ended then, and what arrives later is refused. Else a slow call could
/// take effect after its own undoing ("hanging", apache/incubator-seata#7840).
/// </summary>
internal sealed class SagaStepSeal(IIdempotencyOperations keys, IOptions<SagaOptions> options, TimeProvider time)
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits for as long as somebody is at work under the key and lives.</summary>
    internal async Task<SagaStepSealOutcome> CloseAsync(SagaStepCall call, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reply = await keys.SealAsync(SagaStepKey.For(call.SagaId, call.StepName), options.Value.Retention, cancellationToken);
            switch (reply.Outcome)
            {
                case SealOutcome.InProgress:
                    await Task.Delay(reply.RetryAfter < MaxPause ? reply.RetryAfter : MaxPause, time, cancellationToken);
                    break;
                case SealOutcome.Completed:
                    return SagaStepSealOutcome.Happened;
                default:
                    return SagaStepSealOutcome.Unknown;
            }
        }
    }
}
