using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using OrleansPatterns.Testing.Cluster;

namespace OrleansPatterns.Testing.Storage;

/// <summary>One silo's way to the states of its test cluster. A silo that was killed has none any more.</summary>
internal sealed class SharedGrainStorage(SharedRows rows, SiloLife silo, Serializer serializer, IActivatorProvider activators) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        silo.ThrowIfKilled();
        var row = rows.Find(stateName, grainId);
        grainState.State = row is { } found ? serializer.Deserialize<T>(found.Payload) : activators.GetActivator<T>().Create();
        grainState.ETag = row?.ETag;
        grainState.RecordExists = row is not null;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        silo.ThrowIfKilled();
        grainState.ETag = rows.Write(stateName, grainId, ETagOf(grainState), serializer.SerializeToArray(grainState.State));
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        silo.ThrowIfKilled();

        // Of a state that was never read, whatever is there is cleared.
        var eTag = ETagOf(grainState) ?? (grainState.RecordExists ? null : rows.Find(stateName, grainId)?.ETag);
        if (eTag is not null)
        {
            rows.Write(stateName, grainId, eTag, payload: null);
        }

        grainState.State = activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private static string? ETagOf<T>(IGrainState<T> grainState) => string.IsNullOrWhiteSpace(grainState.ETag) ? null : grainState.ETag;
}
