using Orleans.Storage;

namespace OrleansPatterns.Tests.Locks;

/// <summary>Grain storage whose writes wait while the test says so.</summary>
internal sealed class SlowStorage(IGrainStorage inner) : IGrainStorage
{
    private TaskCompletionSource _mayWrite = Completed();
    private TaskCompletionSource _isWriting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a write has come that waits.</summary>
    internal Task Writing => _isWriting.Task;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!_mayWrite.Task.IsCompleted)
        {
            _isWriting.TrySetResult();
            await _mayWrite.Task;
        }

        await inner.WriteStateAsync(stateName, grainId, grainState);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);

    internal void HoldWrites()
    {
        _isWriting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _mayWrite = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal void LetWritesGo() => _mayWrite.SetResult();

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }
}
