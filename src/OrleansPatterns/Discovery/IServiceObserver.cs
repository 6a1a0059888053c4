using Orleans.Concurrency;

namespace OrleansPatterns.Discovery;

/// <summary>Is told of changes of a service's list.</summary>
[Alias("OrleansPatterns.IServiceObserver")]
public interface IServiceObserver : IGrainObserver
{
    /// <summary>The list has changed. Calls may come out of order; the version tells.</summary>
    /// <param name="snapshot">The whole list.</param>
    [Alias("Changed")]
    [OneWay]
    Task ChangedAsync(ServiceSnapshot snapshot);
}
