namespace OrleansPatterns.CircuitBreakers;

internal sealed class GrainBreakerTransport(string dependency, IGrainFactory grains, TimeProvider time) : IBreakerTransport
{
    /// <summary>Longer, and a probe would hold up its caller; who gets no answer decides alone.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);

    private IBreakerObserver? _reference;

    private IBreakerGrain Grain => grains.GetBreakerGrain(dependency);

    public Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, IBreakerObserver observer)
    {
        _reference ??= grains.CreateObjectReference<IBreakerObserver>(observer);
        return Grain.SubscribeAsync(caller, epoch, _reference).WaitAsync(AnswerTime, time);
    }

    public Task<BreakerSnapshot> ReportAsync(BreakerReport report) => Grain.ReportAsync(report).WaitAsync(AnswerTime, time);

    public Task<ProbeReply> TryAcquireProbeAsync(string caller, BreakerSettings settings) =>
        Grain.TryAcquireProbeAsync(caller, settings).WaitAsync(AnswerTime, time);

    public Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, CallOutcome outcome) =>
        Grain.ReportProbeAsync(caller, permitId, outcome).WaitAsync(AnswerTime, time);
}
