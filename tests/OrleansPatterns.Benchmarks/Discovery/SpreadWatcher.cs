using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>Hears of every change of a service.</summary>
internal sealed class SpreadWatcher(Action<string> hear) : IServiceObserver
{
    public Task ChangedAsync(ServiceChange change)
    {
        foreach (var instance in change.Changed)
        {
            hear(instance.Version ?? "");
        }

        return Task.CompletedTask;
    }
}
