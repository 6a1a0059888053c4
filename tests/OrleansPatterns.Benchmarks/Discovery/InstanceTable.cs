using Npgsql;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>A table of instances as teams write it by hand: a statement and a commit for each registration.</summary>
internal sealed class InstanceTable : IAsyncDisposable
{
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

    private readonly NpgsqlDataSource _source;

    private InstanceTable(NpgsqlDataSource source) => _source = source;

    /// <summary>Where every instance of these cases says it is.</summary>
    internal static Uri Endpoint { get; } = new("http://10.0.0.7:8080");

    internal static async Task<InstanceTable> CreateAsync(string connectionString)
    {
        var table = new InstanceTable(NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 20, MaxPoolSize = 20 }.ConnectionString));
        await table.ExecuteAsync(Table);
        return table;
    }

    internal Task RegisterAsync(string service, string id) => ExecuteAsync(Upsert, service, id, Endpoint.ToString());

    internal Task DeregisterAsync(string service, string id) => ExecuteAsync(Delete, service, id);

    internal async Task<List<string>> ListAsync(string service)
    {
        await using var command = CommandOf(Select, [service]);
        await using var reader = await command.ExecuteReaderAsync();
        var endpoints = new List<string>();
        while (await reader.ReadAsync())
        {
            endpoints.Add(reader.GetString(0));
        }

        return endpoints;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task ExecuteAsync(string sql, params string[] values)
    {
        await using var command = CommandOf(sql, values);
        await command.ExecuteNonQueryAsync();
    }

    private NpgsqlCommand CommandOf(string sql, string[] values)
    {
        var command = _source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        }

        return command;
    }
}
