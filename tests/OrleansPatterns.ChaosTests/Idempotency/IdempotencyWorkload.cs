using System.Globalization;
using Npgsql;
using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.ChaosTests.Idempotency;

/// <summary>Several callers at a time ask for the same keys, and later ones again for a while; each execution leaves a row behind.</summary>
internal sealed class IdempotencyWorkload(IIdempotencyStore store, NpgsqlDataSource database, HistoryWriter history, TimeProvider time)
{
    internal const string Schema = "create table work (number bigserial primary key, key text, id text, process text)";

    private static readonly TimeSpan KeyLife = TimeSpan.FromMilliseconds(500);

    internal async Task RunAsync(Random random, CancellationToken quiet)
    {
        while (!quiet.IsCancellationRequested)
        {
            // The same in all processes, and a new one every half second; now and then one of before, whose executor may have been lost.
            var number = (MonotonicClock.Now / (long)KeyLife.TotalNanoseconds) - (random.Next(3) == 0 ? random.Next(60) : 0);
            var prefix = random.Next(2) == 0 ? IdempotencyChecker.AtMostOnce : "retry/";

            // So long that somebody nearly always is at work, and whoever is killed or paused leaves some undone.
            await ExecuteAsync(
                IdempotencyActions.Execute, $"{prefix}{number}/{random.Next(2)}", TimeSpan.FromMilliseconds(random.Next(800)));
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100)), time, CancellationToken.None);
        }
    }

    internal async Task ExecuteAsync(string action, string key, TimeSpan duration)
    {
        var isParked = key.StartsWith(IdempotencyChecker.AtMostOnce, StringComparison.Ordinal);
        var call = history.Call(action, key);
        var options = new IdempotencyOptions
        {
            Lease = ChaosSettings.Lease,
            OnAbandoned = isParked ? OnAbandoned.Park : OnAbandoned.Retry,

            // Whether the row of a failed execution is there is not known, so that nobody may try again.
            OnFailure = _ => isParked ? OnFailure.Remember : OnFailure.Forget,
        };
        try
        {
            call.Ok(value: await store.ExecuteAsync(key, RequestFingerprint.OfText(key), token => WorkAsync(key, duration, token), options));
        }
        catch (Exception exception)
        {
            call.Unknown(exception);
        }
    }

    private async Task<string> WorkAsync(string key, TimeSpan duration, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        try
        {
            await using var begin = database.CreateCommand("insert into work (key, id, process) values ($1, $2, $3)");
            begin.Parameters.AddWithValue(key);
            begin.Parameters.AddWithValue(id);
            begin.Parameters.AddWithValue(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            await begin.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new WorkFailedException(exception);
        }

        await Task.Delay(duration, time, cancellationToken);
        return id;
    }
}
