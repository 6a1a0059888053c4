using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>Registers the application's own address once the server listens, and deregisters it before the server stops.</summary>
internal sealed partial class SelfRegistration(
    string service,
    SelfRegistrationOptions options,
    IServer server,
    IServiceRegistry registry,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<SelfRegistration> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _registering = Task.CompletedTask;
    private ServiceRegistration? _registration;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After all hosted services have started, so the server listens and the cluster's client is connected. Never holds up the start.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _registering = Task.Run(RegisterAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Before any hosted service stops: callers stop coming while the server still answers.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _registering;
        if (_registration is not null)
        {
            await _registration.DisposeAsync();
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

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
                    var endpoint = OwnAddress.Of(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [], options.AdvertisedHost);
                    var instance = options.Describe(new ServiceInstance { Id = id, Endpoint = endpoint });
                    _registration = await registry.RegisterAsync(service, instance, _stopping.Token);
                    LogRegistered(service, instance.Id, endpoint);
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

    [LoggerMessage(1201, LogLevel.Information, "Registered as '{Service}', instance '{Instance}', at {Endpoint}.")]
    private partial void LogRegistered(string service, string instance, Uri endpoint);

    [LoggerMessage(1202, LogLevel.Warning, "Could not register as '{Service}' yet; it is tried again.")]
    private partial void LogNotRegistered(Exception exception, string service);

    [LoggerMessage(1203, LogLevel.Critical, "Cannot register as '{Service}'; the application stops.")]
    private partial void LogCannotRegister(Exception exception, string service);
}
