using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Postgres.Expiry;

namespace OrleansPatterns.Benchmarks.Idempotency;

/// <summary>A million expired keys beside a million live ones: how fast they go, and what first executions take meanwhile.</summary>
/// <remarks>Each system is measured once in a run, whatever its rounds: filling the tables takes longer than the rest.</remarks>
internal sealed class SweepCases(BenchmarkEnvironment environment)
{
    private const int Callers = 8;

    private static string Fill(int keys) =>
        $"""
        insert into orleans_storage (
            serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext, version, payloadbinary, modifiedat, expiresat, expiresversion)
        select 'benchmarks', 'idempotency', 0, 0, 'idempotency/default/' || kind || '/' || number, 1, decode(repeat('2a', 150), 'hex'),
            now() - interval '3 days', date_trunc('hour', now()) + shift + number * 24 / {keys} * interval '1 hour', 1
        from (values ('expired', interval '-25 hours'), ('live', interval '1 hour')) as half (kind, shift)
        cross join generate_series(1, {keys}) as number
        """;

    private static string ByHand(int keys) =>
        $"""
        create table swept_by_hand (
            key text primary key, fingerprint text not null, status text not null, result bytea, locked_until timestamptz not null,
            expires_at timestamptz not null);
        create index on swept_by_hand (expires_at);
        insert into swept_by_hand (key, fingerprint, status, result, locked_until, expires_at)
        select kind || '/' || number, repeat('f', 64), 'completed', decode(repeat('2a', 64), 'hex'), now() - interval '3 days',
            date_trunc('hour', now()) + shift + number * 24 / {keys} * interval '1 hour'
        from (values ('expired', interval '-25 hours'), ('live', interval '1 hour')) as half (kind, shift)
        cross join generate_series(1, {keys}) as number
        """;

    private const string Begin =
        """
        insert into swept_by_hand (key, fingerprint, status, locked_until, expires_at)
        values ($1, 'fingerprint', 'running', now() + interval '30 s', now() + interval '24 hours')
        on conflict (key) do nothing
        """;

    private const string Complete = "update swept_by_hand set status = 'completed', result = '\\x2a' where key = $1 and status = 'running'";

    private Task<Figures>? _ours;
    private Task<Figures>? _byHand;

    internal IEnumerable<BenchmarkCase> All =>
    [
        new(
            "sweep of 1,000,000 expired keys beside 1,000,000 live ones, 8 callers at work", "rows/s", HigherIsBetter: true,
            [
                new("OrleansPatterns, co-hosted", async duration => (await OursAsync(duration)).RowsASecond),
                new("SQL by hand, one delete", async duration => (await ByHandAsync(duration)).RowsASecond),
            ]),
        new(
            "first executions of 8 callers during that sweep, p99", "ms", HigherIsBetter: false,
            [
                new("OrleansPatterns, co-hosted", async duration => (await OursAsync(duration)).Swept),
                new("OrleansPatterns, co-hosted, no sweep", async duration => (await OursAsync(duration)).Alone),
                new("SQL by hand, one delete", async duration => (await ByHandAsync(duration)).Swept),
                new("SQL by hand, no delete", async duration => (await ByHandAsync(duration)).Alone),
            ]),
    ];

    private Task<Figures> OursAsync(TimeSpan duration) => _ours ??= MeasureOursAsync(Scale.Of(duration));

    private Task<Figures> ByHandAsync(TimeSpan duration) => _byHand ??= MeasureByHandAsync(Scale.Of(duration));

    private async Task<Figures> MeasureOursAsync(Scale scale)
    {
        var connectionString = await environment.DatabaseAsync();
        var silo = await BenchmarkSilo.StartAsync(connectionString, silo => silo.UsePostgres(connectionString, options => options.SweepInterval = TimeSpan.FromDays(1)));
        environment.Own(new StoppedHost(silo));
        var store = silo.Services.GetRequiredService<IIdempotencyStore>();
        await using var database = NpgsqlDataSource.Create(connectionString);
        await FillAsync(database, Fill(scale.Keys), "orleans_storage");
        var sweeper = silo.Services.GetServices<ILifecycleParticipant<ISiloLifecycle>>().OfType<ExpirySweeper>().Single();
        return await MeasureAsync(
            scale,
            number => store.ExecuteAsync($"first/{number}", "fingerprint", static _ => Task.FromResult("receipt")),
            () => sweeper.SweepAsync(CancellationToken.None),
            database,
            "select count(*) from orleans_storage where grainkeytext like 'idempotency/default/expired/%'");
    }

    private async Task<Figures> MeasureByHandAsync(Scale scale)
    {
        await using var database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(await environment.DatabaseAsync()) { MaxAutoPrepare = 20, MaxPoolSize = 20, CommandTimeout = 0 }.ConnectionString);
        await FillAsync(database, ByHand(scale.Keys), "swept_by_hand");
        return await MeasureAsync(
            scale,
            async number =>
            {
                await ExecuteAsync(database, Begin, new NpgsqlParameter<string> { TypedValue = $"first/{number}" });
                await ExecuteAsync(database, Complete, new NpgsqlParameter<string> { TypedValue = $"first/{number}" });
            },
            () => ExecuteAsync(database, "delete from swept_by_hand where expires_at < now()"),
            database,
            "select count(*) from swept_by_hand where key like 'expired/%'");
    }

    private static async Task<Figures> MeasureAsync(
        Scale scale, Func<long, Task> call, Func<Task> sweep, NpgsqlDataSource database, string countLeft)
    {
        // Connections and plans are made, and the caches are those of a server at work.
        await TimesForAsync(call, scale.Alone / 5);
        var alone = await TimesForAsync(call, scale.Alone);
        var clock = Stopwatch.StartNew();
        var sweeping = Task.Run(sweep);
        var swept = await TimesAsync(call, () => sweeping.IsCompleted);
        await sweeping;
        var seconds = clock.Elapsed.TotalSeconds;
        await using var count = database.CreateCommand(countLeft);
        if (await count.ExecuteScalarAsync() is not 0L)
        {
            throw new InvalidOperationException("Not all expired rows were removed.");
        }

        return new Figures(scale.Keys / seconds, Measurement.PercentileOf(swept, 0.99), Measurement.PercentileOf(alone, 0.99));
    }

    private static Task<IReadOnlyCollection<double>> TimesForAsync(Func<long, Task> call, TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        return TimesAsync(call, () => clock.Elapsed >= duration);
    }

    /// <summary>What each call took, in milliseconds.</summary>
    private static async Task<IReadOnlyCollection<double>> TimesAsync(Func<long, Task> call, Func<bool> isOver)
    {
        var times = new ConcurrentBag<double>();
        await Load.UntilAsync(Callers, isOver, async number =>
        {
            var startedAt = Stopwatch.GetTimestamp();
            await call(number);
            times.Add(Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds);
        });
        return times;
    }

    private static async Task FillAsync(NpgsqlDataSource database, string sql, string table)
    {
        await ExecuteAsync(database, sql);
        await ExecuteAsync(database, $"vacuum analyze {table}");
        await ExecuteAsync(database, "checkpoint");
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync();
    }

    /// <param name="Keys">How many expired ones, and how many live ones beside them.</param>
    /// <param name="Alone">For how long the callers are measured without a sweep.</param>
    private sealed record Scale(int Keys, TimeSpan Alone)
    {
        /// <summary>A million; in a run that is too short for figures only so many that everything is seen to work.</summary>
        internal static Scale Of(TimeSpan duration) =>
            duration >= TimeSpan.FromSeconds(1) ? new(1_000_000, TimeSpan.FromSeconds(20)) : new(10_000, duration);
    }

    /// <param name="RowsASecond">Removed, from the beginning of the sweep to its end.</param>
    /// <param name="Swept">The callers' p99 meanwhile, in milliseconds.</param>
    /// <param name="Alone">Their p99 without a sweep.</param>
    private sealed record Figures(double RowsASecond, double Swept, double Alone);
}
