using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Sagas;

internal sealed class SagaClient(
    IGrainFactory grains, ClusterCaller caller, IOptions<SagaOptions> options, IOptions<ClusterCallOptions> callOptions, TimeProvider time)
    : ISagaClient
{
    private static readonly TimeSpan FindPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WaitSlice = TimeSpan.FromSeconds(5);

    public async Task<SagaStatus> StartAsync<TSaga, TData>(string sagaId, TData data, CancellationToken cancellationToken = default)
        where TSaga : Saga<TData>
        where TData : class
    {
        var definition = SagaNameAttribute.Of(typeof(TSaga));
        var key = ResourceKey.Parse(sagaId);
        ArgumentNullException.ThrowIfNull(data);
        var start = new SagaStart { Definition = definition, DataJson = SagaJson.Serialize(sagaId, data, options.Value.MaxDataBytes) };
        var grain = await FindGrainAsync(key, definition, cancellationToken);
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

    /// <summary>
    /// Only silos with registered sagas offer the grain. One that has just joined is not known everywhere yet, so nobody is told at once that there
    /// is none.
    /// </summary>
    private async Task<ISagaGrain> FindGrainAsync(ResourceKey sagaId, string definition, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        while (true)
        {
            try
            {
                return grains.GetSagaGrain(sagaId.Value);
            }
            catch (ArgumentException exception)
            {
                if (time.GetElapsedTime(startedAt) >= callOptions.Value.AttemptTimeout)
                {
                    throw new UnknownSagaException(definition, exception);
                }
            }

            await Task.Delay(FindPause, time, cancellationToken);
        }
    }

    private async Task<SagaStatus> AskAsync(
        string verb, string sagaId, Func<ISagaGrain, Task<SagaStatus?>> ask, CancellationToken cancellationToken)
    {
        var grain = grains.GetSagaGrain(sagaId);
        return Found(sagaId, await caller.CallAsync($"{verb} saga '{sagaId}'", _ => ask(grain), cancellationToken));
    }
}
