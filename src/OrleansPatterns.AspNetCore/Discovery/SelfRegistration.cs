using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>The application's own registration as one service.</summary>
internal sealed partial class SelfRegistration(
    string service,
    SelfRegistrationOptions options,
    IServer server,
    IServiceRegistry registry,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<SelfRegistration> logger) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>Nobody should hang on the way out because the cluster is away; who goes on calling meets a server that is gone.</summary>
    private static readonly TimeSpan AnnounceTime = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandoned = new();
    private Task _registering = Task.CompletedTask;
    private ServiceRegistration? _registration;

    internal void Start() => _registering = Task.Run(RegisterAsync, CancellationToken.None);

    /// <summary>Takes no new calls, ends those under way, and leaves.</summary>
    /// <param name="cancellationToken">The host has waited long enough.</param>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();

        // An attempt that is under way may have registered already: cut off at once, it would leave the instance in the list until its lease ends.
        await _registering.WaitAsync(AnnounceTime, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _abandoned.CancelAsync();
        await _registering;
        if (_registration is not null)
        {
            if (options.DrainDelay > TimeSpan.Zero)
            {
                await DrainAsync(_registration, cancellationToken);
            }

            await _registration.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _abandoned.Dispose();
    }

    private async Task RegisterAsync()
    {
        // One id for all attempts: an attempt whose answer was lost may have registered.
        var id = options.InstanceId ?? Guid.NewGuid().ToString("N");
        try
        {
            while (_registration is null)
            {
                try
                {
                    var instance = Describe(id);
                    _registration = await registry.RegisterAsync(service, instance, _abandoned.Token);
                    LogRegistered(service, instance.Id, instance.Endpoint);
                }
                catch (Exception exception) when (exception is Cluster.ClusterUnavailableException && !_stopping.IsCancellationRequested)
                {
                    LogNotRegistered(exception, service);
                    await Task.Delay(RetryPause, time, _stopping.Token);
                }
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The application stops before it was registered.
        }
        catch (Exception exception)
        {
            // A wrong name, address or instance: no retry helps, and an application that nobody can find had better say so.
            LogCannotRegister(exception, service);
            lifetime.StopApplication();
        }
    }

    private ServiceInstance Describe(string id)
    {
        var addresses = options.PublicAddress is { } address
            ? [address]
            : OwnAddress.Of(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [], options.AdvertisedHost);
        return options.Describe(new ServiceInstance
        {
            Id = id,
            Endpoint = addresses[0],
            Endpoints = addresses.Skip(1).ToDictionary(static other => other.Scheme),
        });
    }

    private async Task DrainAsync(ServiceRegistration registration, CancellationToken cancellationToken)
    {
        try
        {
            await registration.SetStatusAsync(InstanceStatus.Draining, cancellationToken).WaitAsync(AnnounceTime, time, cancellationToken);
            LogDraining(service, registration.Instance.Id, options.DrainDelay);
            await Task.Delay(options.DrainDelay, time, cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The host has waited long enough.
        }
        catch (Exception exception)
        {
            LogNotDraining(exception, service);
        }
    }

    [LoggerMessage(1201, LogLevel.Information, "Registered as '{Service}', instance '{Instance}', at {Endpoint}.")]
    private partial void LogRegistered(string service, string instance, Uri endpoint);

    [LoggerMessage(1202, LogLevel.Warning, "Could not register as '{Service}' yet; it is tried again.")]
    private partial void LogNotRegistered(Exception exception, string service);

    [LoggerMessage(1203, LogLevel.Critical, "Cannot register as '{Service}'; the application stops.")]
    private partial void LogCannotRegister(Exception exception, string service);

    [LoggerMessage(1204, LogLevel.Information, "As '{Service}', instance '{Instance}' takes no new calls; it is deregistered in {DrainDelay}.")]
    private partial void LogDraining(string service, string instance, TimeSpan drainDelay);

    [LoggerMessage(1205, LogLevel.Warning, "Could not tell that '{Service}' takes no new calls; it is deregistered at once.")]
    private partial void LogNotDraining(Exception exception, string service);
}
