using OrleansPatterns.Catalog;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Sagas;

internal sealed class SagaOperations(IGrainFactory grains, ClusterCaller caller) : ISagaOperations
{
    public Task<IReadOnlyList<SagaListing>> ListAsync(SagaQuery? query = null, CancellationToken cancellationToken = default)
    {
        var search = query ?? new SagaQuery();
        if (search.MaxCount is < 1 or > CatalogQueryCheck.MaxCountCeiling)
        {
            throw new ArgumentException($"MaxCount is {search.MaxCount}; it must be 1 to {CatalogQueryCheck.MaxCountCeiling}.", nameof(query));
        }

        if (search.After is { } after && !CatalogCursor.TryParse(after, out _))
        {
            throw new ArgumentException($"After is '{after}'; it must be the Cursor of a listing.", nameof(query));
        }

        return caller.CallAsync(
            "list sagas", _ => grains.GetGrain<ISagaSearchGrain>(ISagaSearchGrain.Key).ListAsync(search), cancellationToken);
    }

    public async Task<string> GetDataAsync(string sagaId, CancellationToken cancellationToken = default)
    {
        var grain = grains.GetSagaGrain(sagaId);
        var output = await caller.CallAsync($"get the data of saga '{sagaId}'", _ => grain.GetOutputAsync(), cancellationToken);
        return (output ?? throw new SagaNotFoundException(sagaId)).DataJson;
    }

    public Task<SagaStatus> RetryAsync(string sagaId, string by, string reason, CancellationToken cancellationToken = default) =>
        InterveneAsync(sagaId, new() { Kind = SagaInterventionKind.Retry, By = by, Reason = reason, Id = Guid.NewGuid() }, cancellationToken);

    public Task<SagaStatus> SkipAsync(string sagaId, string step, string by, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(step);
        return InterveneAsync(sagaId, new() { Kind = SagaInterventionKind.Skip, By = by, Reason = reason, Id = Guid.NewGuid(), Step = step }, cancellationToken);
    }

    public Task<SagaStatus> CompensateAsync(string sagaId, string by, string reason, CancellationToken cancellationToken = default) =>
        InterveneAsync(sagaId, new() { Kind = SagaInterventionKind.Compensate, By = by, Reason = reason, Id = Guid.NewGuid() }, cancellationToken);

    public Task<SagaStatus> GiveUpAsync(string sagaId, string by, string reason, CancellationToken cancellationToken = default) =>
        InterveneAsync(sagaId, new() { Kind = SagaInterventionKind.GiveUp, By = by, Reason = reason, Id = Guid.NewGuid() }, cancellationToken);

    private async Task<SagaStatus> InterveneAsync(string sagaId, SagaIntervention intervention, CancellationToken cancellationToken)
    {
        Check(intervention.By, SagaIntervention.MaxByLength, "by");
        Check(intervention.Reason, SagaIntervention.MaxReasonLength, "reason");
        var grain = grains.GetSagaGrain(sagaId);
        var reply = await caller.CallAsync(
            $"{intervention.Kind} saga '{sagaId}'", _ => grain.InterveneAsync(intervention), cancellationToken);
        return reply.Outcome switch
        {
            SagaInterventionOutcome.NotFound => throw new SagaNotFoundException(sagaId),
            SagaInterventionOutcome.Refused => throw new SagaInterventionRefusedException(sagaId, intervention.Kind, reply.Fault ?? ""),
            _ => reply.Status ?? throw new SagaNotFoundException(sagaId),
        };
    }

    internal static void Check(string text, int maxLength, string parameterName)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > maxLength)
        {
            throw new ArgumentException(
                $"'{parameterName}' has {text?.Length ?? 0} characters; it must have 1 to {maxLength}, not only white space.", parameterName);
        }
    }
}
