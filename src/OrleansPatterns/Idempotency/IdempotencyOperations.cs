using System.Text.Json;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Idempotency;

internal sealed class IdempotencyOperations(IGrainFactory grains, ClusterCaller caller, IOptions<IdempotencyOptions> options) : IIdempotencyOperations
{
    public Task<IdempotencyStatus> GetStatusAsync(IdempotencyKey key, CancellationToken cancellationToken = default) =>
        caller.CallAsync($"look at '{key}'", _ => grains.GetIdempotencyGrain(key).GetStatusAsync(), cancellationToken);

    public Task<bool> FreeAsync(IdempotencyKey key, long executionToken, CancellationToken cancellationToken = default) =>
        caller.CallAsync($"free '{key}'", _ => grains.GetIdempotencyGrain(key).FreeAsync(executionToken), cancellationToken);

    public async Task<bool> CompleteAsync<T>(IdempotencyKey key, long executionToken, T result, CancellationToken cancellationToken = default)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(result, options.Value.SerializerOptions);
        if (bytes.Length > options.Value.MaxResultBytes)
        {
            throw new IdempotencyResultTooLargeException(key, bytes.Length);
        }

        var request = new CompleteRequest { ExecutionToken = executionToken, Result = bytes, Retention = options.Value.Retention };
        return await caller.CallAsync($"resolve '{key}'", _ => grains.GetIdempotencyGrain(key).ResolveAsync(request), cancellationToken);
    }

    public Task<SealReply> SealAsync(IdempotencyKey key, TimeSpan retention, CancellationToken cancellationToken = default)
    {
        var request = new SealRequest { Retention = retention };
        return caller.CallAsync($"seal '{key}'", _ => grains.GetIdempotencyGrain(key).SealAsync(request), cancellationToken);
    }
}
