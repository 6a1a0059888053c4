using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Sagas;

internal sealed class SagaClient(
    IGrainFactory grains, ClusterCaller caller, IOptions<SagaOptions> options, IOptions<ClusterCallOptions> callOptions, TimeProvider time)
    : ISagaClient
{
    private static readonly TimeSpan FindPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WaitSlice = TimeSpan.FromSeconds(5);

    /// <summary>Some silo has been seen to offer the grain.</summary>
    private bool _isOffered;

    public Task<SagaStatus> StartAsync<TSaga, TData>(string sagaId, TData data, CancellationToken cancellationToken = default)
        where TSaga : Saga<TData>
        where TData : class
    {
        ArgumentNullException.ThrowIfNull(data);
        return StartAsync(sagaId, SagaNameAttribute.Of(typeof(TSaga)), data, parent: null, Activity.Current?.Id, cancellationToken);
    }

    internal async Task<SagaStatus> StartAsync<TData>(
        string sagaId, string definition, TData data, SagaParent? parent, string? traceParent, CancellationToken cancellationToken)
        where TData : class
    {
        var key = ResourceKey.Parse(sagaId);
        var start = new SagaStart
        {
            Definition = definition,
            DataJson = SagaJson.Serialize(sagaId, data, options.Value.MaxDataBytes),
            TraceParent = traceParent,
            Parent = parent,
        };
        var grain = await FindGrainAsync(key, definition, cancellationToken);
        var reply = await caller.CallAsync($"start saga '{sagaId}'", _ => grain.StartAsync(start), cancellationToken);
        return reply.Outcome switch
        {
            SagaStartOutcome.Conflict => throw new SagaConflictException(sagaId, definition),
            SagaStartOutcome.UnknownDefinition => throw new UnknownSagaException(definition),
            SagaStartOutcome.InvalidData => throw new SagaDataInvalidException(sagaId, definition, reply.Fault ?? ""),
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

    public async Task<TResult> WaitForResultAsync<TResult>(string sagaId, CancellationToken cancellationToken = default)
    {
        var status = await WaitForCompletionAsync(sagaId, cancellationToken);
        if (status.Phase == SagaPhase.Completed)
        {
            var output = await AskAsync("get the result of", sagaId, grain => grain.GetOutputAsync(), cancellationToken);
            if (output.ResultJson is { } json)
            {
                return JsonSerializer.Deserialize<TResult>(json, JsonSerializerOptions.Default)!;
            }

            status = output.Status;
        }

        throw new SagaNotCompletedException(status);
    }

    public Task<SagaStatus> GetStatusAsync(string sagaId, CancellationToken cancellationToken = default) =>
        AskAsync("get the status of", sagaId, grain => grain.GetStatusAsync(), cancellationToken);

    public Task<SagaHistory> GetHistoryAsync(string sagaId, CancellationToken cancellationToken = default) =>
        AskAsync("get the history of", sagaId, grain => grain.GetHistoryAsync(), cancellationToken);

    public async Task<SagaStatus> SignalAsync<TSignal>(
        string sagaId, string signal, TSignal payload, Guid? signalId = null, CancellationToken cancellationToken = default)
        where TSignal : class
    {
        ArgumentException.ThrowIfNullOrEmpty(signal);
        ArgumentNullException.ThrowIfNull(payload);
        var request = new SagaSignal
        {
            SignalId = signalId ?? Guid.NewGuid(),
            Name = signal,
            PayloadJson = SagaJson.Serialize(sagaId, payload, options.Value.MaxDataBytes),
        };
        var reply = await AskAsync<SagaSignalReply>("signal", sagaId, async grain => await grain.SignalAsync(request), cancellationToken);
        return reply.Outcome switch
        {
            SagaSignalOutcome.NotFound => throw new SagaNotFoundException(sagaId),
            SagaSignalOutcome.Accepted => Found(sagaId, reply.Status),
            _ => throw new SagaSignalRefusedException(sagaId, signal, reply.Outcome, reply.Fault ?? ""),
        };
    }

    public async Task<SagaStatus> CancelAsync(string sagaId, CancellationToken cancellationToken = default)
    {
        var reply = await AskAsync<SagaCancelReply>("cancel", sagaId, async grain => await grain.CancelAsync(), cancellationToken);
        var status = Found(sagaId, reply.Status);
        return reply.Outcome == SagaCancelOutcome.TooLate
            ? throw new SagaCannotBeCancelledException(sagaId, status.Phase, reply.Pivot)
            : status;
    }

    private static T Found<T>(string sagaId, T? answer)
        where T : class => answer ?? throw new SagaNotFoundException(sagaId);

    /// <summary>
    /// Only silos with registered sagas offer the grain. One that has just joined is not known everywhere yet, so nobody is told at once that there
    /// is none.
    /// </summary>
    private async Task<ISagaGrain> FindGrainAsync(ResourceKey sagaId, string definition, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        while (!_isOffered)
        {
            try
            {
                _ = grains.GetGrain<ISagaGrain>(GrainKeys.For(PatternNames.Saga, sagaId));
                _isOffered = true;
                break;
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

        return grains.GetSagaGrain(sagaId.Value);
    }

    private async Task<T> AskAsync<T>(string verb, string sagaId, Func<ISagaGrain, Task<T?>> ask, CancellationToken cancellationToken)
        where T : class
    {
        var grain = grains.GetSagaGrain(sagaId);
        return Found(sagaId, await caller.CallAsync($"{verb} saga '{sagaId}'", _ => ask(grain), cancellationToken));
    }
}
