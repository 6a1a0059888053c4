using Orleans.Concurrency;

namespace OrleansPatterns.Discovery;

/// <summary>Is told of changes of a service's list.</summary>
[Alias("OrleansPatterns.IServiceObserver")]
public interface IServiceObserver : IGrainObserver
{
    /// <summary>The list has changed. Calls may come out of order or not at all; the versions tell. Changes within 100 milliseconds come together.</summary>
    /// <param name="change">What has changed.</param>
    [Alias("Changed")]
    [OneWay]
    Task ChangedAsync(ServiceChange change);
}
