using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>All services that the application is: registered once the server listens, and drained and deregistered together before it stops.</summary>
internal sealed class SelfRegistrations(
    IEnumerable<SelfRegisteredService> services,
    IOptionsMonitor<SelfRegistrationOptions> options,
    IServer server,
    IServiceRegistry registry,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<SelfRegistration> logger) : IHostedLifecycleService, IDisposable
{
    private readonly SelfRegistration[] _registrations =
        [.. services.Select(service => new SelfRegistration(service.Name, options.Get(service.Name), server, registry, lifetime, time, logger))];

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After all hosted services have started, so the server listens and the cluster's client is connected. Never holds up the start.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var registration in _registrations)
        {
            registration.Start();
        }

        return Task.CompletedTask;
    }

    /// <summary>Before any hosted service stops: callers stop coming while the server still answers.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_registrations.Select(registration => registration.StopAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }
}
