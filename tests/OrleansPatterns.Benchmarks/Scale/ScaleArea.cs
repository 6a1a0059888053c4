using System.Globalization;
using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Benchmarks.Sagas;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Benchmarks.Scale;

/// <summary>Cost against size: so many keys of a pattern, each used once and then alive in the silo and in PostgreSQL.</summary>
internal static class ScaleArea
{
    internal const string Name = "scale";

    private const int Callers = 64;

    private const string RowsBytesAndLog =
        """
        select (select count(*) from orleans_storage) + (select count(*) from orleanspatterns_catalog),
               pg_total_relation_size('orleans_storage') + pg_total_relation_size('orleanspatterns_catalog'),
               (pg_current_wal_insert_lsn() - '0/0')::bigint
        """;

    internal static async Task<IReadOnlyList<Measurement>> RunAsync(BenchmarkEnvironment environment, int[] sizes)
    {
        (string Pattern, Func<IServiceProvider, int, Task> Use)[] patterns =
        [
            ("locks", async (services, number) =>
            {
                await using var handle = await services.GetRequiredService<IDistributedLockProvider>().AcquireLockAsync($"{number}");
            }),
            ("breakers", (services, number) => services.GetRequiredService<IGrainFactory>().GetBreakerGrain($"{number}").HoldAsync(
                new BreakerOverride { State = BreakerState.Isolated, Reason = "benchmark" })),
            ("discovery", (services, number) => services.GetRequiredService<IGrainFactory>().GetServiceGrain($"{number}").RegisterAsync(
                new ServiceInstance { Id = "1", Endpoint = new Uri("http://10.0.0.7:8080"), Lease = TimeSpan.FromHours(1) })),
            ("idempotency", (services, number) => services.GetRequiredService<IIdempotencyStore>().ExecuteAsync(
                $"{number}", "fingerprint", static _ => Task.FromResult("receipt"))),
            ("sagas", (services, number) => SagasArea.RunAsync(services.GetRequiredService<ISagaClient>(), number)),
        ];

        List<Measurement> measurements = [];
        foreach (var (pattern, use) in patterns)
        {
            foreach (var size in sizes)
            {
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Name}: {size} keys of {pattern}"));
                measurements.AddRange(await MeasureAsync(environment, pattern, size, use));
            }
        }

        return measurements;
    }

    /// <summary>A silo process and a database of its own for each figure, so that nothing else is in its memory and tables.</summary>
    private static async Task<IEnumerable<Measurement>> MeasureAsync(
        BenchmarkEnvironment environment, string pattern, int size, Func<IServiceProvider, int, Task> use)
    {
        await using var cluster = await environment.StartClusterAsync();
        for (var number = 0; number < Callers; number++)
        {
            await use(cluster.Services, -1 - number);
        }

        var memoryBefore = await cluster.SiloMemoryAsync();
        var (rowsBefore, bytesBefore, logBefore) = await CountAsync(cluster.ConnectionString);
        var (perSecond, median) = await Load.OnceEachAsync(Callers, size, number => use(cluster.Services, number));
        var (_, _, log) = await CountAsync(cluster.ConnectionString);
        var memory = await cluster.SiloMemoryAsync() - memoryBefore;
        var (rows, bytes, _) = await CountAsync(cluster.ConnectionString);
        return
        [
            Figure("throughput, 64 callers", "keys/s", perSecond),
            Figure("median time of a use", "ms", median),
            Figure("memory of the silo a key", "bytes", (double)memory / size),
            Figure("rows a key", "rows", (double)(rows - rowsBefore) / size),
            Figure("PostgreSQL a key, with indexes", "bytes", (double)(bytes - bytesBefore) / size),
            Figure("PostgreSQL's log a key", "bytes", (double)(log - logBefore) / size),
        ];

        Measurement Figure(string question, string unit, double value) => new(
            Name, string.Create(CultureInfo.InvariantCulture, $"{pattern}, {size:#,0} keys: {question}"), "OrleansPatterns, client", unit, value, value, value,
            Ratio: null, NotMeasured: null);
    }

    private static async Task<(long Rows, long Bytes, long Log)> CountAsync(string connectionString)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var command = dataSource.CreateCommand(RowsBytesAndLog);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }
}
