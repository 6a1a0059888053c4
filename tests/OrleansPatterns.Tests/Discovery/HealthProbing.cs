using System.Net;
using Microsoft.Extensions.Options;
using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>A prober on a clock that stands still unless a test moves it, so that no slow machine makes a check fail.</summary>
internal sealed class HealthProbing
{
    private readonly HealthProber _prober;

    public HealthProbing(
        string allow = "127.0.0.0/8", int maxConcurrent = 64, Func<string, IPAddress[]>? resolve = null, DiscoveryGrainInstruments? instruments = null)
    {
        var options = Options.Create(new HealthCheckOptions { Allow = { allow }, MaxConcurrent = maxConcurrent });
        var connector = new PermittedConnector(
            new HealthCheckGate(options),
            resolve is null ? Dns.GetHostAddressesAsync : (host, _) => Task.FromResult(resolve(host)));
        _prober = new HealthProber(connector, options, instruments ?? TestInstruments.DiscoveryGrains, Time);
    }

    public ObservedTime Time { get; } = new();

    public Task<string?> AskAsync(Uri endpoint, InstanceHealthCheck check) => ProbeAsync(endpoint, check, TestContext.Current.CancellationToken);

    public Task<string?> ProbeAsync(Uri endpoint, InstanceHealthCheck check, CancellationToken cancellationToken) =>
        _prober.ProbeAsync(new ServiceInstance { Id = "a", Endpoint = endpoint }, check, cancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
}
