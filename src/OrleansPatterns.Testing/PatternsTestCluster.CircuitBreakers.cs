using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Testing;

public sealed partial class PatternsTestCluster
{
    /// <summary>Opens a breaker as if calls of several processes had failed. Client and silos see it open when this returns.</summary>
    /// <remarks>What was decided by hand, and what was counted, is over. The break ends by itself, after <see cref="CircuitBreakerOptions.BreakDuration"/>.</remarks>
    /// <param name="dependency">The dependency's name.</param>
    /// <param name="cancellationToken">Ends the waiting; the breaker may be open all the same.</param>
    /// <exception cref="InvalidOperationException">Somebody sees it otherwise, for instance as real calls have closed it meanwhile.</exception>
    public async Task OpenBreakerAsync(string dependency, CancellationToken cancellationToken = default)
    {
        var grain = TestCluster.Client.GetBreakerGrain(dependency);
        await Service<ICircuitBreakerOperations>().CloseAsync(dependency, nameof(PatternsTestCluster), cancellationToken);
        var settings = BreakerSettings.From(Service<IOptionsMonitor<CircuitBreakerOptions>>().Get(dependency));
        var status = await grain.GetStatusAsync();

        // So many callers that no one of them has too large a part in it, each with so few failures that only the last of them is one too many.
        var callers = 2 * Math.Max(settings.MinimumCallers, (int)Math.Ceiling(1 / settings.MaxCallerShare));
        var failures = (int)Math.Ceiling((double)(status.Settings ?? settings).MinimumThroughput / callers);
        var snapshot = status.Snapshot;
        for (var caller = 1; caller <= callers && snapshot.State == BreakerState.Closed; caller++)
        {
            snapshot = await grain.ReportAsync(new BreakerReport
            {
                Caller = $"test-{caller}",
                Epoch = Guid.NewGuid(),
                Sequence = 1,
                Generation = snapshot.Generation,
                Version = snapshot.Version,
                Successes = 0,
                Failures = failures,
                Settings = settings,
            });
        }

        await ShowAsync(dependency, BreakerState.Open);
    }

    /// <summary>Opens a breaker, and lets time pass until it is half open: calls may be probes. Client and silos see it so when this returns.</summary>
    /// <param name="dependency">The dependency's name.</param>
    /// <param name="cancellationToken">Stops at the next step.</param>
    /// <exception cref="InvalidOperationException">Somebody sees it otherwise, or the cluster runs on the real clock.</exception>
    public async Task HalfOpenBreakerAsync(string dependency, CancellationToken cancellationToken = default)
    {
        _ = Time;
        await OpenBreakerAsync(dependency, cancellationToken);
        await AdvanceAsync((await TestCluster.Client.GetBreakerGrain(dependency).GetStatusAsync()).Snapshot.OpenFor, cancellationToken);
        Check(dependency, BreakerState.HalfOpen);
    }

    /// <summary>Holds a breaker open by hand, until it is closed. Client and silos see it isolated when this returns.</summary>
    /// <param name="dependency">The dependency's name.</param>
    /// <param name="cancellationToken">Ends the waiting; the breaker may be isolated all the same.</param>
    /// <exception cref="InvalidOperationException">Somebody sees it otherwise, for instance as it was closed meanwhile.</exception>
    public async Task IsolateBreakerAsync(string dependency, CancellationToken cancellationToken = default)
    {
        await Service<ICircuitBreakerOperations>().HoldAsync(
            dependency,
            new BreakerOverride { State = BreakerState.Isolated, Reason = "Isolated by a test.", Author = nameof(PatternsTestCluster) },
            cancellationToken);
        await ShowAsync(dependency, BreakerState.Isolated);
    }

    /// <summary>Closes a breaker, whatever its state. Client and silos see it closed when this returns.</summary>
    /// <param name="dependency">The dependency's name.</param>
    /// <param name="cancellationToken">Ends the waiting; the breaker may be closed all the same.</param>
    /// <exception cref="InvalidOperationException">Somebody sees it otherwise, for instance as real calls have opened it meanwhile.</exception>
    public async Task CloseBreakerAsync(string dependency, CancellationToken cancellationToken = default)
    {
        await Service<ICircuitBreakerOperations>().CloseAsync(dependency, nameof(PatternsTestCluster), cancellationToken);
        await ShowAsync(dependency, BreakerState.Closed);
    }

    /// <summary>Tells everybody at once what the cluster has decided, as its news would a moment later, and whoever did not use the breaker so far.</summary>
    private async Task ShowAsync(string dependency, BreakerState expected)
    {
        var snapshot = (await TestCluster.Client.GetBreakerGrain(dependency).GetStatusAsync()).Snapshot;
        foreach (var (_, breaker) in BreakersOf(dependency))
        {
            breaker.Knowledge.Take(snapshot, isAnswer: true);
        }

        Check(dependency, expected);
    }

    private void Check(string dependency, BreakerState expected)
    {
        foreach (var (host, breaker) in BreakersOf(dependency).Where(own => own.Breaker.State != expected))
        {
            throw new InvalidOperationException($"Breaker '{dependency}' is {breaker.State} to {host}; it should be {expected}.");
        }
    }

    private IEnumerable<(string Host, CircuitBreaker Breaker)> BreakersOf(string dependency) => TestCluster.Silos
        .Select(silo => (Host: $"silo {silo.Name}", Services: TestCluster.GetSiloServiceProvider(silo.SiloAddress)))
        .Prepend((Host: "the client", Services: TestCluster.Client.ServiceProvider))
        .Select(host => (host.Host, CircuitBreaker.Own(host.Services.GetRequiredService<ICircuitBreakerProvider>().Get(dependency))));
}
