using Shop.Checkout;
using Shop.Processes;
using Shop.Services;

namespace Shop.Driver;

/// <summary>What goes wrong on the way: a silo is killed, later a payment instance goes bad. And how long the cluster takes to notice.</summary>
internal sealed class Mishaps(ShopProcesses processes, ClusterView cluster, int orders, ProgressDisplay display, TimeProvider time)
{
    private const string Victim = "silo-2";
    private const string BadInstance = "payment-2";
    private const double KillAt = 0.3;
    private const double GoBadAt = 0.5;

    private Task<TimeSpan>? _siloLeft;
    private Task<TimeSpan>? _breakerOpened;
    private int _stage;

    /// <summary>From the kill to the push that took the silo's address out of discovery; <see langword="null"/>: not seen.</summary>
    public TimeSpan? SiloLeftAfter { get; private set; }

    /// <summary>From the first bad answer to the breaker's opening; <see langword="null"/>: not seen.</summary>
    public TimeSpan? BreakerOpenedAfter { get; private set; }

    /// <summary>Does what is due after so many answered orders. Customers call it concurrently; each mishap happens once.</summary>
    public async Task AfterAsync(long answered, CancellationToken cancellationToken)
    {
        if (answered >= orders * KillAt && Interlocked.CompareExchange(ref _stage, 1, 0) == 0)
        {
            processes.Find(Victim).Kill();
            display.Say($"Killed {Victim} with SIGKILL, {answered} orders answered.");
            _siloLeft = MeasureAsync(cluster.WaitForCountAsync(Roles.Orders, count => count < ShopProcesses.SiloCount, cancellationToken));
        }

        if (answered >= orders * GoBadAt && Interlocked.CompareExchange(ref _stage, 2, 1) == 1)
        {
            var instance = await cluster.FindAsync(Roles.Payment, BadInstance, cancellationToken);
            using var http = new HttpClient();
            using var response = await http.PostAsync(new Uri(instance.Endpoint, Unreliability.GoBadPath), content: null, cancellationToken);
            response.EnsureSuccessStatusCode();
            display.Say($"{BadInstance} went bad: it answers every request with an error from now on.");
            _breakerOpened = MeasureAsync(cluster.WaitUntilOpenAsync(ShopCalls.BreakerName(Roles.Payment, instance), cancellationToken));
        }
    }

    public async Task WaitUntilNoticedAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        SiloLeftAfter = await TryAsync(_siloLeft, limit, cancellationToken);
        BreakerOpenedAfter = await TryAsync(_breakerOpened, limit, cancellationToken);
    }

    private async Task<TimeSpan> MeasureAsync(Task change)
    {
        var startedAt = time.GetTimestamp();
        await change;
        return time.GetElapsedTime(startedAt);
    }

    private async Task<TimeSpan?> TryAsync(Task<TimeSpan>? measured, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (measured is null)
        {
            return null;
        }

        try
        {
            return await measured.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
