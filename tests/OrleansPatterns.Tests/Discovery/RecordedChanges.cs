using System.Threading.Channels;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Keeps what a watcher was told.</summary>
internal sealed class RecordedChanges : IServiceObserver
{
    private readonly Channel<ServiceChange> _changes = Channel.CreateUnbounded<ServiceChange>();

    public bool HasAny => _changes.Reader.TryPeek(out _);

    public Task ChangedAsync(ServiceChange change)
    {
        _changes.Writer.TryWrite(change);
        return Task.CompletedTask;
    }

    public Task<ServiceChange> NextAsync() =>
        _changes.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
}
