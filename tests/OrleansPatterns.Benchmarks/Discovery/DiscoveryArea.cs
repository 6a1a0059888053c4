using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>Registration and resolving, beside a table of instances as teams write it by hand.</summary>
internal sealed class DiscoveryArea : IBenchmarkArea
{
    private const string Service = "payments";
    private const int Instances = 10;

    private const string Table =
        """
        create table instances (
            service text, id text, endpoint text not null, lease_ends_at timestamptz not null, primary key (service, id))
        """;

    private const string Upsert =
        """
        insert into instances (service, id, endpoint, lease_ends_at) values ($1, $2, $3, now() + interval '15 s')
        on conflict (service, id) do update set endpoint = excluded.endpoint, lease_ends_at = excluded.lease_ends_at
        """;

    private const string Delete = "delete from instances where service = $1 and id = $2";
    private const string Select = "select endpoint from instances where service = $1 and lease_ends_at > now() - interval '1 day'";

    private static readonly Uri Endpoint = new("http://10.0.0.7:8080");

    public string Name => "discovery";

    public async Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment)
    {
        var client = (await environment.ClientAsync()).GetRequiredService<IServiceRegistry>();
        var coHosted = (await environment.CoHostedAsync()).GetRequiredService<IServiceRegistry>();
        var table = environment.Own(NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(await environment.DatabaseAsync()) { MaxAutoPrepare = 20, MaxPoolSize = 20 }.ConnectionString));
        await ExecuteAsync(table, Table);
        for (var number = 0; number < Instances; number++)
        {
            environment.Own(await client.RegisterAsync(Service, Endpoint));
            environment.Own(await coHosted.RegisterAsync(Service, Endpoint));
            await ExecuteAsync(table, Upsert, Service, $"{number}", Endpoint.ToString());
        }

        return
        [
            new BenchmarkCase(
                "register and deregister, 16 workers on services of their own", "registrations/s", HigherIsBetter: true,
                [
                    Registrations("OrleansPatterns, client", client),
                    Registrations("OrleansPatterns, co-hosted", coHosted),
                    new("SQL by hand", duration => Load.ThroughputAsync(16, duration, async (worker, number) =>
                    {
                        await ExecuteAsync(table, Upsert, $"own/{worker}", $"{number}", Endpoint.ToString());
                        await ExecuteAsync(table, Delete, $"own/{worker}", $"{number}");
                    })),
                ]),
            new BenchmarkCase(
                $"resolve one of {Instances} instances, 16 callers", "calls/s", HigherIsBetter: true,
                [
                    Resolves("OrleansPatterns, client", client),
                    Resolves("OrleansPatterns, co-hosted", coHosted),
                    new("SQL by hand, a query a call", duration => Load.ThroughputAsync(16, duration, async (_, number) =>
                    {
                        var endpoints = await ListAsync(table);
                        if (endpoints[(int)(number % endpoints.Count)].Length == 0)
                        {
                            throw new InvalidOperationException("An instance has no endpoint.");
                        }
                    })),
                ]),
        ];
    }

    private static Contender Registrations(string system, IServiceRegistry registry) => new(system, duration => Load.ThroughputAsync(
        16, duration, async (worker, _) =>
        {
            await using var registration = await registry.RegisterAsync($"own/{worker}", Endpoint);
        }));

    private static Contender Resolves(string system, IServiceRegistry registry) => new(system, duration => Load.ThroughputAsync(
        16, duration, async (_, _) => await registry.ResolveAsync(Service)));

    private static async Task ExecuteAsync(NpgsqlDataSource table, string sql, params string[] values)
    {
        await using var command = CommandOf(table, sql, values);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> ListAsync(NpgsqlDataSource table)
    {
        await using var command = CommandOf(table, Select, [Service]);
        await using var reader = await command.ExecuteReaderAsync();
        var endpoints = new List<string>();
        while (await reader.ReadAsync())
        {
            endpoints.Add(reader.GetString(0));
        }

        return endpoints;
    }

    private static NpgsqlCommand CommandOf(NpgsqlDataSource table, string sql, string[] values)
    {
        var command = table.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        }

        return command;
    }
}
