using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.Testing.Cluster;

/// <summary>Waits until a silo knows what has become of another.</summary>
internal sealed class SiloStatusWait : ISiloStatusListener
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SiloAddress _silo;
    private readonly SiloStatus _status;

    private SiloStatusWait(SiloAddress silo, SiloStatus status) => (_silo, _status) = (silo, status);

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (updatedSilo.Equals(_silo) && status == _status)
        {
            _seen.TrySetResult();
        }
    }

    /// <exception cref="TimeoutException">It has not learnt of it within a real minute.</exception>
    internal static async Task SeenAsync(IServiceProvider observer, SiloAddress silo, SiloStatus status)
    {
        var oracle = observer.GetRequiredService<ISiloStatusOracle>();
        var wait = new SiloStatusWait(silo, status);
        oracle.SubscribeToSiloStatusEvents(wait);
        try
        {
            // One that was dead before the observer began was never heard of.
            var known = oracle.GetApproximateSiloStatus(silo);
            if (known != status && (status, known) != (SiloStatus.Dead, SiloStatus.None))
            {
                await wait._seen.Task.WaitAsync(Limit);
            }
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"Silo {oracle.SiloAddress} has not learnt within {Limit} that silo {silo} is {status}; to it, it is {oracle.GetApproximateSiloStatus(silo)}.");
        }
        finally
        {
            oracle.UnSubscribeFromSiloStatusEvents(wait);
        }
    }
}
