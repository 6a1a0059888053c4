using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Expiry;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Expiry;

internal static class SweepFixtures
{
    internal static ExpiredRows Rows(NpgsqlDataSource dataSource, string service, int batchSize = 500) => new(
        PostgresDatabase.Use(dataSource),
        Options.Create(new ClusterOptions { ServiceId = service }),
        Options.Create(new PostgresOptions { SweepBatchSize = batchSize }));

    /// <param name="dataSource">The database.</param>
    /// <param name="service">Whose row it is.</param>
    /// <param name="key">The text of its key.</param>
    /// <param name="expires">When it expires, from now; null: never.</param>
    /// <param name="modified">When it was last written, from now.</param>
    /// <param name="expiresVersion">Its version is 1; another one: it was written since by somebody who does not know of expiry.</param>
    internal static Task InsertRowAsync(
        NpgsqlDataSource dataSource, string service, string key, string? expires, string modified, int? expiresVersion = 1) =>
        dataSource.ExecuteAsync(
            $"""
            insert into orleans_storage (serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext, version, modifiedat, expiresat, expiresversion)
            values (
                '{service}', 'test', 0, 0, '{key}', 1, now() + interval '{modified}',
                {(expires is null ? "null" : $"now() + interval '{expires}'")}, {expiresVersion?.ToString() ?? "null"})
            """);

    /// <summary>As if a key's row had been written so long ago.</summary>
    internal static Task AgeAsync(NpgsqlDataSource dataSource, string key, string age) => dataSource.ExecuteAsync(
        $"""
        update orleans_storage set expiresat = expiresat - interval '{age}', modifiedat = modifiedat - interval '{age}'
        where statename = 'idempotency' and grainkeytext = 'idempotency/{key}'
        """);
}
