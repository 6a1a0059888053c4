using Medallion.Threading;
using Npgsql;
using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.Locks;
using OrleansPatterns.Postgres.Locks;

namespace OrleansPatterns.ChaosTests.Locks;

/// <summary>Takes a few locks by turns, uses the resource behind them, and gives them back or forgets to.</summary>
internal sealed class LockWorkload(IDistributedLockProvider locks, NpgsqlDataSource database, HistoryWriter history, TimeProvider time)
{
    private const int Keys = 4;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);

    /// <summary>A holder that has not looked for so long was paused: its timers have to come first, before it may trust what it sees.</summary>
    private static readonly TimeSpan MaxGap = TimeSpan.FromMilliseconds(400);

    internal async Task RunAsync(Random random, CancellationToken quiet)
    {
        while (!quiet.IsCancellationRequested)
        {
            await UseAsync($"lock-{random.Next(Keys)}", TimeSpan.FromMilliseconds(random.Next(30, 400)));
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20)), time, CancellationToken.None);
        }
    }

    private async Task UseAsync(string key, TimeSpan duration)
    {
        var acquire = history.Call(LockActions.Acquire, key);
        LockHandle? handle;
        try
        {
            handle = (LockHandle?)await locks.TryAcquireLockAsync(key, TimeSpan.FromSeconds(2));
        }
        catch (Exception exception)
        {
            acquire.Unknown(exception);
            return;
        }

        if (handle is null)
        {
            acquire.Refused("others hold it");
            return;
        }

        acquire.Ok(handle.FencingToken);
        await HoldAsync(key, handle, duration / 2);
        await WriteAsync(key, handle.FencingToken);
        await HoldAsync(key, handle, duration / 2);
        history.Call(LockActions.Release, key, handle.FencingToken);
        await handle.DisposeAsync();
    }

    /// <summary>Says from when to when the handle said that the lock was held.</summary>
    private async Task HoldAsync(string key, LockHandle handle, TimeSpan duration)
    {
        var lost = handle.HandleLostToken;
        var endsAt = MonotonicClock.Now + (long)duration.TotalNanoseconds;
        long? seenAt = null;
        while (true)
        {
            // First of all, as the first look may follow a pause as well.
            await Task.Delay(Step, time, CancellationToken.None);
            var at = MonotonicClock.Now;
            if (lost.IsCancellationRequested)
            {
                return;
            }

            if (at - seenAt > MaxGap.TotalNanoseconds)
            {
                seenAt = null;
                await Task.Delay(MaxGap, time, CancellationToken.None);
                continue;
            }

            if (seenAt is { } before)
            {
                history.Note(LockActions.Hold, key, handle.FencingToken, before, at);
            }

            if (at >= endsAt)
            {
                return;
            }

            seenAt = at;
        }
    }

    private async Task WriteAsync(string key, long token)
    {
        var write = history.Call(LockActions.Write, key, token);
        try
        {
            await using var connection = await database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await transaction.RequireFencingTokenAsync(key, token);
            await transaction.CommitAsync();
            write.Ok(token);
        }
        catch (StaleFencingTokenException stale)
        {
            write.Refused(stale.Message);
        }
        catch (Exception exception)
        {
            write.Unknown(exception);
        }
    }
}
