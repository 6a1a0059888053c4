using Orleans.Storage;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Grain storage that tells a journal what is read and written.</summary>
internal sealed class ObservedStorage(IGrainStorage inner, SagaJournal journal) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        journal.Reading(grainId);
        return inner.ReadStateAsync(stateName, grainId, grainState);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        journal.Writing(grainId);
        var written = grainState.State;
        await inner.WriteStateAsync(stateName, grainId, grainState);
        if (written is SagaRecord record)
        {
            await journal.WroteAsync(grainId, record);
        }
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await inner.ClearStateAsync(stateName, grainId, grainState);
        if (typeof(T) == typeof(SagaRecord))
        {
            await journal.WroteAsync(grainId, new SagaRecord());
        }
    }
}
