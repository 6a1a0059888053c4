using Microsoft.Extensions.Logging.Abstractions;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>One process that calls the dependency now and then, with a clock of its own. The code in it is the process' own.</summary>
internal sealed class SimulatedBreakerCaller : IBreakerTransport
{
    private readonly SimulatedTime _time;
    private readonly SimulatedBreakerCluster _cluster;
    private readonly Random _random;
    private bool _isStopped;

    public SimulatedBreakerCaller(string name, SimulatedTime time, SimulatedBreakerCluster cluster, Random random, CircuitBreakerOptions options)
    {
        Name = name;
        _time = time;
        _cluster = cluster;
        _random = random;
        Breaker = new CircuitBreaker(
            "payments", name, this, grains: null!, cluster: null!, options, TestInstruments.Breakers, time.Clock(0.99 + (0.02 * random.NextDouble()), TimeSpan.FromDays(random.Next(-100, 100))),
            random, NullLogger<CircuitBreaker>.Instance);
    }

    public string Name { get; }

    public CircuitBreaker Breaker { get; }

    /// <summary>No message goes out or comes in.</summary>
    public bool IsCutOff { get; set; }

    public int Passed { get; private set; }

    public int Refused { get; private set; }

    /// <summary>Probes under way by the cluster's permits.</summary>
    public Dictionary<long, TimeSpan> Probes { get; } = [];

    /// <summary>Reports and hears until it is stopped.</summary>
    public async Task RunAsync()
    {
        while (!_isStopped)
        {
            await Breaker.Link.SubscribeAsync(Breaker);
            await _time.DelayAsync(TimeSpan.FromMilliseconds(_random.Next(90, 110)));
            await Breaker.Link.FlushAsync();
        }
    }

    public void Stop() => _isStopped = true;

    /// <summary>Makes one call, if the breaker lets it.</summary>
    public async Task CallAsync(TimeSpan duration, Func<CallOutcome> outcome)
    {
        var admission = Breaker.Admit();
        if (!admission.IsDecided)
        {
            admission = await Breaker.AdmitProbeAsync(CancellationToken.None);
        }

        if (admission.Refusal is { } refusal)
        {
            Refused++;
            Assert.True(refusal.RetryAfter is null || refusal.RetryAfter >= TimeSpan.Zero, $"RetryAfter is {refusal.RetryAfter}.");
            return;
        }

        Passed++;
        if (admission.Probe is { IsAlone: false } probe)
        {
            Probes.Add(probe.Id, _cluster.IssuedAt(probe.Id));
        }

        await _time.DelayAsync(duration);
        if (admission.Probe is { } ended)
        {
            Probes.Remove(ended.Id);
        }

        await Breaker.CompleteAsync(admission, outcome());
    }

    public Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, long version, IBreakerObserver observer) =>
        SendAsync(() => _cluster.SubscribeAsync(caller, epoch, version, observer));

    public Task<BreakerSnapshot> ReportAsync(BreakerReport report) => SendAsync(() => _cluster.ReportAsync(report));

    public Task<ProbeReply> TryAcquireProbeAsync(string caller, long version, BreakerSettings settings) =>
        SendAsync(() => _cluster.TryAcquireProbeAsync(caller, version, settings));

    public Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, CallOutcome outcome) =>
        SendAsync(() => _cluster.ReportProbeAsync(caller, permitId, outcome));

    private async Task<T> SendAsync<T>(Func<Task<T>> send)
    {
        if (IsCutOff)
        {
            await _time.DelayAsync(TimeSpan.FromSeconds(1));
            throw new TimeoutException();
        }

        return await send();
    }
}
