using System.Data;
using Npgsql;

namespace OrleansPatterns.PostgresTests.Idempotency;

/// <summary>A transaction with the effect of the work in it, a row with the key. Rolled back unless it was committed.</summary>
internal sealed class Work : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private Work(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, Transaction) = (connection, transaction);

    internal NpgsqlTransaction Transaction { get; }

    internal static async Task<Work> BeginAsync(NpgsqlDataSource dataSource, string key, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        var connection = await dataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var transaction = await connection.BeginTransactionAsync(isolation, TestContext.Current.CancellationToken);
        await DoAsync(transaction, key);
        return new Work(connection, transaction);
    }

    /// <summary>The same for <c>ExecuteInTransactionAsync</c>.</summary>
    internal static Func<NpgsqlTransaction, CancellationToken, Task<T>> ReturnsAsync<T>(string key, T result) => async (transaction, _) =>
    {
        await DoAsync(transaction, key);
        return result;
    };

    public async ValueTask DisposeAsync()
    {
        await Transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task DoAsync(NpgsqlTransaction transaction, string key)
    {
        await using var insert = new NpgsqlCommand("insert into work (key) values ($1)", transaction.Connection, transaction)
        {
            Parameters = { new() { Value = key } },
        };
        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
