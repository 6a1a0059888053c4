using Medallion.Threading;
using Medallion.Threading.Postgres;
using Medallion.Threading.Redis;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.Benchmarks.Harness;

namespace OrleansPatterns.Benchmarks.Locks;

/// <summary>Acquire and release through the same interface, ours and the implementations that .NET teams use today.</summary>
internal sealed class LocksArea : IBenchmarkArea
{
    public string Name => "locks";

    public async Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment)
    {
        (string System, IDistributedLockProvider? Provider)[] systems =
        [
            ("OrleansPatterns, client", (await environment.ClientAsync()).GetRequiredService<IDistributedLockProvider>()),
            ("OrleansPatterns, co-hosted", (await environment.CoHostedAsync()).GetRequiredService<IDistributedLockProvider>()),
            ("DistributedLock.Postgres", await PostgresAsync(environment)),
            ("DistributedLock.Redis, appendfsync always", await RedisAsync(environment, isDurable: true)),
            ("DistributedLock.Redis, no persistence", await RedisAsync(environment, isDurable: false)),
        ];
        return
        [
            Case("acquire and release, 1 worker", 1, (worker, _) => $"own/{worker}"),
            Case("acquire and release, 16 workers on keys of their own", 16, (worker, _) => $"own/{worker}"),
            Case("acquire and release, 64 workers on keys of their own", 64, (worker, _) => $"own/{worker}"),
            Case("hand-over of one key among 16 workers", 16, (_, _) => "shared"),
            Case("a fresh key each time, 1 worker", 1, (_, number) => $"fresh/{number}"),
            Case("a fresh key each time, 16 workers", 16, (_, number) => $"fresh/{number}"),
            Case("a fresh key each time, 64 workers", 64, (_, number) => $"fresh/{number}"),
        ];

        BenchmarkCase Case(string name, int workers, Func<int, long, string> key) => new(
            name, "locks/s", HigherIsBetter: true,
            [.. systems.Select(system => system.Provider is { } provider
                ? new Contender(system.System, duration => Load.ThroughputAsync(workers, duration, async (worker, number) =>
                {
                    await using var handle = await provider.AcquireLockAsync(key(worker, number));
                }))
                : Contender.Missing(system.System, RedisServer.Missing))]);
    }

    /// <summary>As its documentation advises: its own pool, with connections shared between locks where that is possible (the default).</summary>
    private static async Task<IDistributedLockProvider> PostgresAsync(BenchmarkEnvironment environment) =>
        new PostgresDistributedSynchronizationProvider(
            new NpgsqlConnectionStringBuilder(await environment.DatabaseAsync()) { MaxAutoPrepare = 20 }.ConnectionString);

    private static async Task<IDistributedLockProvider?> RedisAsync(BenchmarkEnvironment environment, bool isDurable) =>
        await environment.RedisAsync(isDurable) is { } redis ? new RedisDistributedSynchronizationProvider(redis.Connection.GetDatabase()) : null;
}
