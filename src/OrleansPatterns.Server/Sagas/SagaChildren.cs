using OrleansPatterns.Cluster;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What a saga does to those that are steps of it.</summary>
internal sealed class SagaChildren(IGrainFactory grains, ClusterCaller caller, SagaClient client)
{
    /// <summary>Has a child undone, and waits until it is. Also one that was never started: a start that is still under way is refused from then on.</summary>
    internal async Task UndoAsync(string childId, SagaParent parent, string definition, CancellationToken cancellationToken)
    {
        var grain = grains.GetSagaAttempts(childId);
        var reply = await caller.CallAsync($"undo saga '{childId}'", _ => grain.UndoAsync(parent, definition), cancellationToken);
        if (reply.Refusal is { } refusal)
        {
            var cause = $"Child saga '{childId}' cannot be undone: {refusal}";
            throw reply.IsForGood ? new SagaChildNotUndoableException(cause) : new InvalidOperationException(cause);
        }

        if (!reply.IsUndoing)
        {
            return;
        }

        var status = await client.WaitForCompletionAsync(childId, cancellationToken);
        if (status.Phase != SagaPhase.Compensated)
        {
            throw new InvalidOperationException($"Child saga '{childId}' is not undone: it is {status.Phase}. {status.StuckReason}");
        }
    }
}
