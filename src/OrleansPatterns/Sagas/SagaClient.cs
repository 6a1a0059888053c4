using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Sagas;

internal sealed class SagaClient(
    IGrainFactory grains, ClusterCaller caller, IOptions<SagaOptions> options, IOptions<ClusterCallOptions> callOptions) : ISagaClient
{
    private static readonly TimeSpan WaitSlice = TimeSpan.FromSeconds(5);

    public async Task<SagaStatus> StartAsync<TSaga, TData>(string sagaId, TData data, CancellationToken cancellationToken = default)
        where TSaga : Saga<TData>
        where TData : class
    {
        var grain = grains.GetSagaGrain(sagaId);
        ArgumentNullException.ThrowIfNull(data);
        var definition = SagaNameAttribute.Of(typeof(TSaga));
        var start = new SagaStart { Definition = definition, DataJson = SagaJson.Serialize(sagaId, data, options.Value.MaxDataBytes) };
        var reply = await caller.CallAsync($"start saga '{sagaId}'", _ => grain.StartAsync(start), cancellationToken);
        return reply.Outcome switch
        {
            SagaStartOutcome.Conflict => throw new SagaConflictException(sagaId, definition),
            SagaStartOutcome.UnknownDefinition => throw new UnknownSagaException(definition),
            _ => Found(sagaId, reply.Status),
        };
    }

    public async Task<SagaStatus> WaitForCompletionAsync(string sagaId, CancellationToken cancellationToken = default)
    {
        var grain = grains.GetSagaGrain(sagaId);
        SagaStatus status;
        do
        {
            status = Found(
                sagaId,
                await caller.CallAsync(
                    $"wait for saga '{sagaId}'",
                    token => grain.WaitAsync(WaitSlice, token),
                    cancellationToken,
                    WaitSlice + callOptions.Value.AttemptTimeout));
        }
        while (!status.HasEnded);

        return status;
    }

    public Task<SagaStatus> GetStatusAsync(string sagaId, CancellationToken cancellationToken = default) =>
        AskAsync("get the status of", sagaId, grain => grain.GetStatusAsync(), cancellationToken);

    public Task<SagaStatus> CancelAsync(string sagaId, CancellationToken cancellationToken = default) =>
        AskAsync("cancel", sagaId, grain => grain.CancelAsync(), cancellationToken);

    public Task<SagaStatus> RetryAsync(string sagaId, CancellationToken cancellationToken = default) =>
        AskAsync("retry", sagaId, grain => grain.RetryAsync(), cancellationToken);

    private static SagaStatus Found(string sagaId, SagaStatus? status) => status ?? throw new SagaNotFoundException(sagaId);

    private async Task<SagaStatus> AskAsync(
        string verb, string sagaId, Func<ISagaGrain, Task<SagaStatus?>> ask, CancellationToken cancellationToken)
    {
        var grain = grains.GetSagaGrain(sagaId);
        return Found(sagaId, await caller.CallAsync($"{verb} saga '{sagaId}'", _ => ask(grain), cancellationToken));
    }
}
