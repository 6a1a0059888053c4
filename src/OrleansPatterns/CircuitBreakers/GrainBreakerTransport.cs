namespace OrleansPatterns.CircuitBreakers;

internal sealed class GrainBreakerTransport(string dependency, IGrainFactory grains, TimeProvider time) : IBreakerTransport
{
    /// <summary>Who gets no answer for so long decides alone.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);

    private IBreakerObserver? _reference;

    private IBreakerGrain Grain => grains.GetBreakerGrain(dependency);

    public Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, long version, IBreakerObserver observer)
    {
        _reference ??= grains.CreateObjectReference<IBreakerObserver>(observer);
        return InTimeAsync(Grain.SubscribeAsync(caller, epoch, version, _reference));
    }

    public Task<BreakerSnapshot> ReportAsync(BreakerReport report) => InTimeAsync(Grain.ReportAsync(report));

    public Task<ProbeReply> TryAcquireProbeAsync(string caller, long version, BreakerSettings settings) =>
        Grain.TryAcquireProbeAsync(caller, version, settings);

    public Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, CallOutcome outcome) =>
        InTimeAsync(Grain.ReportProbeAsync(caller, permitId, outcome));

    private Task<BreakerSnapshot> InTimeAsync(Task<BreakerSnapshot> call)
    {
        // The fault of one that was given up is nobody's any more.
        call.Ignore();
        return call.WaitAsync(AnswerTime, time);
    }
}
