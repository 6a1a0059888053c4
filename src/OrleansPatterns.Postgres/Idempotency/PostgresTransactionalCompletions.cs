using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Postgres.Idempotency;

/// <summary>Decides, in the table of <c>sql/006_idempotency_completions.sql</c>, between an executor's transaction and those who give it up.</summary>
internal sealed class PostgresTransactionalCompletions(PostgresDatabase database, IOptions<ClusterOptions> cluster)
    : ITransactionalCompletions, IDisposable
{
    /// <summary>Long enough for a commit that is under way. The grain is asked again in a second, and holds no connection meanwhile.</summary>
    private const string SetPatience = "select set_config('lock_timeout', '200ms', true)";

    /// <summary>An exclusion outlives every transaction that it could have to stop; a day is longer than anybody leaves one open.</summary>
    private const string Exclude =
        """
        insert into orleanspatterns_idempotency as stored (
            service_id, key, execution_token, is_completed, result, transaction_id, decided_at, expires_at)
        values ($1, $2, $3, false, null, pg_current_xact_id(), clock_timestamp(), clock_timestamp() + interval '1 day')
        on conflict (service_id, key) do update
        set execution_token = excluded.execution_token,
            is_completed = false,
            result = null,
            transaction_id = excluded.transaction_id,
            decided_at = excluded.decided_at,
            expires_at = excluded.expires_at
        where stored.execution_token < excluded.execution_token
        """;

    /// <summary>A completion whose retention is over by now is still one: the work must not run again for those who ask in this moment.</summary>
    private const string Find =
        """
        select result, greatest(expires_at - clock_timestamp(), interval '1 minute')
        from orleanspatterns_idempotency
        where service_id = $1 and key = $2 and execution_token = $3 and is_completed
        """;

    /// <summary>Many executors may be lost at once; membership must still get a connection from the same pool.</summary>
    private readonly SemaphoreSlim _connections = new(2);

    public async Task<TransactionOutcome> DecideAsync(string key, long executionToken)
    {
        await _connections.WaitAsync();
        try
        {
            await using var connection = await database.DataSource.OpenConnectionAsync();

            // One transaction: the time-out ends with it.
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands = { new NpgsqlBatchCommand(SetPatience), CommandOf(Exclude, key, executionToken), CommandOf(Find, key, executionToken) },
            };
            await using var reader = await batch.ExecuteReaderAsync();
            await reader.NextResultAsync();
            var outcome = await reader.ReadAsync()
                ? new TransactionOutcome(TransactionOutcomeKind.Committed, reader.GetFieldValue<byte[]>(0), reader.GetTimeSpan(1))
                : TransactionOutcome.Excluded;

            // To the end: only then has the server committed.
            await reader.NextResultAsync();
            return outcome;
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return TransactionOutcome.Open;
        }
        finally
        {
            _connections.Release();
        }
    }

    public void Dispose() => _connections.Dispose();

    private NpgsqlBatchCommand CommandOf(string sql, string key, long executionToken) => new(sql)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = cluster.Value.ServiceId },
            new NpgsqlParameter<string> { TypedValue = key },
            new NpgsqlParameter<long> { TypedValue = executionToken },
        },
    };
}
