using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrleansPatterns.Postgres.Clustering;

/// <summary>Has silos declared dead that can no longer reach the database although this one can.</summary>
/// <remarks>
/// Orleans' own probes go from silo to silo: who answers them stays a member, whether or not it can store anything, and keeps its keys. So every silo
/// writes often that it is alive, and the others look. A silo that cannot write cannot look either, so it accuses nobody.
/// </remarks>
internal sealed partial class CutOffSiloWatch(
    IMembershipTable table,
    IClusterMembershipService membership,
    ILocalSiloDetails local,
    IOptions<PostgresOptions> options,
    TimeProvider time,
    ILogger<CutOffSiloWatch> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    internal static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    // Not disposed: it holds nothing, and Dispose and stop may come in either order.
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle)
    {
        if (options.Value.CutOffAfter is { } limit)
        {
            lifecycle.Subscribe(
                nameof(CutOffSiloWatch),
                ServiceLifecycleStage.Active,
                _ =>
                {
                    _running = Task.Run(() => RunAsync(new SiloSilence(Pace, limit), _stopping.Token), CancellationToken.None);
                    return Task.CompletedTask;
                });

            // Not before the others know that it is leaving: whatever else stops first may take long, and until then they expect it to write.
            lifecycle.Subscribe(
                nameof(CutOffSiloWatch),
                ServiceLifecycleStage.BecomeActive,
                _ => Task.CompletedTask,
                async _ =>
                {
                    await _stopping.CancelAsync();
                    await _running;
                });
        }
    }

    /// <summary>For a host that is thrown away without being stopped.</summary>
    public void Dispose() => _stopping.Cancel();

    private async Task RunAsync(SiloSilence silence, CancellationToken stopping)
    {
        var startedAt = time.GetTimestamp();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Pace, time, stopping);
                await TurnAsync(silence, startedAt, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                // The database does not answer this silo. Whether that is its own trouble alone, the others will tell.
                LogTurnFailed(exception);
            }
            catch (Exception)
            {
                // The silo stops; whatever was under way may end in any fault.
            }
        }
    }

    private async Task TurnAsync(SiloSilence silence, long startedAt, CancellationToken stopping)
    {
        var alive = new MembershipEntry { SiloAddress = local.SiloAddress, IAmAliveTime = time.GetUtcNow().UtcDateTime };
        await table.UpdateIAmAliveAsync(alive, stopping);
        var askedAt = time.GetElapsedTime(startedAt);
        var members = await table.ReadAllAsync(stopping);
        var others = members.Members
            .Select(member => member.Item1)
            .Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(local.SiloAddress))
            .ToDictionary(member => member.SiloAddress, member => member.IAmAliveTime);
        if (silence.Look(others, askedAt, time.GetElapsedTime(startedAt)) is { } silent)
        {
            LogCutOff(silent, options.Value.CutOffAfter);
            await membership.TryKill(silent).WaitAsync(stopping);
        }
    }

    [LoggerMessage(
        7401,
        LogLevel.Warning,
        "Silo {Silo} has not written to PostgreSQL for {Limit}, while this one could: it is declared dead, so that its keys are served by others.")]
    private partial void LogCutOff(SiloAddress silo, TimeSpan? limit);

    [LoggerMessage(7402, LogLevel.Debug, "This silo could not write that it is alive, or not read who else is.")]
    private partial void LogTurnFailed(Exception exception);
}
