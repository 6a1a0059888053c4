using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Discovery;

/// <summary>An instance that this process keeps registered. Dispose it to deregister.</summary>
/// <remarks>
/// It sends a heartbeat at every <see cref="DiscoveryOptions.HeartbeatInterval"/>, and registers again when the cluster no longer knows the
/// instance, for instance after a pause that was longer than the lease. A process that dies without disposing leaves the list when the lease ends.
/// </remarks>
public sealed partial class ServiceRegistration : IAsyncDisposable
{
    /// <summary>Nobody should hang on the way out because the cluster is away; the lease ends anyway.</summary>
    private static readonly TimeSpan DeregisterTime = TimeSpan.FromSeconds(3);

    private readonly IServiceGrain _grain;
    private readonly DiscoveryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ServiceRegistration> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _beating;
    private int _disposed;

    internal ServiceRegistration(
        string service, ServiceInstance instance, IServiceGrain grain, DiscoveryOptions options, TimeProvider time, ILogger<ServiceRegistration> logger)
    {
        Service = service;
        Instance = instance;
        _grain = grain;
        _options = options;
        _time = time;
        _logger = logger;
        _beating = Task.Run(BeatAsync);
    }

    /// <summary>The service's name.</summary>
    public string Service { get; }

    /// <summary>The instance.</summary>
    public ServiceInstance Instance { get; }

    /// <summary>Deregisters. Never throws; with the cluster away it gives up after 3 seconds, and the lease does it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _beating;
        try
        {
            await _grain.DeregisterAsync(Instance.Id).WaitAsync(DeregisterTime, _time);
        }
        catch (Exception exception)
        {
            LogNotDeregistered(exception, Instance.Id, Service);
        }

        _stopping.Dispose();
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(_options.HeartbeatInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await BeatOnceAsync();
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Disposed; a heartbeat that is still under way may end in any fault.
        }
    }

    /// <summary>
    /// A heartbeat without an answer is nothing to mend here: the next one follows at its time, and the lease bears that. Waiting longer for an
    /// answer that was lost would let the lease of a live instance end.
    /// </summary>
    private async Task BeatOnceAsync()
    {
        try
        {
            if (!await _grain.HeartbeatAsync(Instance.Id).WaitAsync(_options.HeartbeatInterval, _time, _stopping.Token))
            {
                LogRegisteredAgain(Instance.Id, Service);
                await _grain.RegisterAsync(Instance, _options.Lease).WaitAsync(_options.HeartbeatInterval, _time, _stopping.Token);
            }
        }
        catch (Exception exception)
        {
            // Nor does a heartbeat that fails while the registration is disposed keep it from deregistering.
            if (!_stopping.IsCancellationRequested)
            {
                LogHeartbeatFailed(exception, Instance.Id, Service);
            }
        }
    }

    [LoggerMessage(1002, LogLevel.Warning, "The heartbeat of '{Instance}' as service '{Service}' got no answer; the next one follows.")]
    private partial void LogHeartbeatFailed(Exception exception, string instance, string service);

    [LoggerMessage(1003, LogLevel.Warning, "'{Instance}' was no longer listed as service '{Service}'; it is registered again.")]
    private partial void LogRegisteredAgain(string instance, string service);

    [LoggerMessage(1004, LogLevel.Warning, "'{Instance}' could not be deregistered as service '{Service}'; it leaves the list when its lease ends.")]
    private partial void LogNotDeregistered(Exception exception, string instance, string service);
}
