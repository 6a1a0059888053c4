using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Idempotency;
using OrleansPatterns.PostgresTests.Postgres;
using static OrleansPatterns.PostgresTests.Expiry.SweepFixtures;

namespace OrleansPatterns.PostgresTests.Idempotency;

/// <summary>What is decided in the table, and how long it stays there, without any grain.</summary>
public sealed class TransactionalCompletionsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IDisposable
{
    private readonly NpgsqlDataSource _dataSource = database.DataSource;
    private readonly string _service = $"service-{Guid.NewGuid():N}";
    private readonly string _key = $"default/{Guid.NewGuid():N}";
    private PostgresTransactionalCompletions? _made;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PostgresTransactionalCompletions Completions => _made ??= new PostgresTransactionalCompletions(
        PostgresDatabase.Use(_dataSource), Options.Create(new ClusterOptions { ServiceId = _service }));

    [Fact]
    public async Task Decide_WithoutACompletion_ExcludesItForGood()
    {
        await InsertKeyAsync();
        Assert.Equal(TransactionOutcome.Excluded, await Completions.DecideAsync(_key, 5));
        Assert.Equal(TransactionOutcome.Excluded, await Completions.DecideAsync(_key, 5));
        await RefusedAsync(5);
        await RefusedAsync(4);
        await CompleteAsync(6);
        Assert.Equal(["6 | True"], await RowsAsync());
    }

    [Fact]
    public async Task Decide_OfACompletedExecution_GivesItsResultAndWhatIsLeftOfItsRetention()
    {
        await InsertKeyAsync();
        await CompleteAsync(5);
        var outcome = await Completions.DecideAsync(_key, 5);
        Assert.Equal(TransactionOutcomeKind.Committed, outcome.Kind);
        Assert.Equal("42"u8.ToArray(), outcome.Result);
        Assert.InRange(outcome.Retention, TimeSpan.FromHours(23.9), TimeSpan.FromHours(24));

        await _dataSource.ExecuteAsync($"update orleanspatterns_idempotency set expires_at = now() - interval '1 day' where key = '{_key}'");
        outcome = await Completions.DecideAsync(_key, 5);
        Assert.Equal((TransactionOutcomeKind.Committed, TimeSpan.FromMinutes(1)), (outcome.Kind, outcome.Retention));
        Assert.Equal(["5 | True"], await RowsAsync());
    }

    [Fact]
    public async Task Decide_ByOneThatIsOutdated_ChangesNothing()
    {
        await InsertKeyAsync();
        await CompleteAsync(5);
        Assert.Equal(TransactionOutcome.Excluded, await Completions.DecideAsync(_key, 4));
        Assert.Equal(["5 | True"], await RowsAsync());
    }

    [Fact]
    public async Task Decide_AboutALaterExecution_PutsItInThePlaceOfTheCompletion()
    {
        await InsertKeyAsync();
        await CompleteAsync(5);
        Assert.Equal(TransactionOutcome.Excluded, await Completions.DecideAsync(_key, 6));
        Assert.Equal(["6 | False"], await RowsAsync());
        await RefusedAsync(6);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Decide_WhileTheTransactionIsOpen_SaysSo(bool isFirst)
    {
        await InsertKeyAsync();
        if (!isFirst)
        {
            await CompleteAsync(4);
        }

        await using (var connection = await _dataSource.OpenConnectionAsync(Token))
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await CompleteAsync(5, transaction);
            Assert.Equal(TransactionOutcome.Open, await Completions.DecideAsync(_key, 5));
        }

        Assert.Equal(TransactionOutcome.Excluded, await Completions.DecideAsync(_key, 5));
    }

    /// <summary>The connection goes back to the pool as it was.</summary>
    [Fact]
    public async Task Decide_LeavesNoTimeoutBehind()
    {
        await using var unreset = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 2, NoResetOnClose = true });
        using var completions = new PostgresTransactionalCompletions(
            PostgresDatabase.Use(unreset), Options.Create(new ClusterOptions { ServiceId = _service }));
        await completions.DecideAsync(_key, 5);
        Assert.Equal("0", await unreset.ScalarAsync<string>("show lock_timeout"));
    }

    [Theory]
    [InlineData("no key any more", null, "")]
    [InlineData("key that is gone in the same turn", "now() - interval '1 hour'", "")]
    [InlineData("key that has its time before it", "now() + interval '1 hour'", "in 60 minutes")]
    [InlineData("key without a time", "null", "in 1440 minutes")]
    public async Task Row_GoesAfterItsKey(string key, string? keyExpiresAt, string expected)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(key);
        if (keyExpiresAt is not null)
        {
            await InsertKeyAsync(keyExpiresAt);
        }

        await Completions.DecideAsync(_key, 5);
        var rows = Rows(_dataSource, _service);
        await rows.RemoveBatchAsync(Token);
        Assert.Equal(["5 | False"], await RowsAsync());

        await _dataSource.ExecuteAsync($"update orleanspatterns_idempotency set expires_at = now() - interval '11 minutes' where key = '{_key}'");
        await rows.RemoveBatchAsync(Token);
        Assert.Equal(
            expected.Length == 0 ? [] : [expected],
            await _dataSource.RowsAsync(
                $"""
                select 'in ' || round(extract(epoch from expires_at - now()) / 60) || ' minutes'
                from orleanspatterns_idempotency where key = '{_key}'
                """));
    }

    [Fact]
    public async Task Rows_FillABatchLikeStates()
    {
        for (var number = 0; number < 3; number++)
        {
            await Completions.DecideAsync($"{_key}/{number}", 5);
        }

        await _dataSource.ExecuteAsync($"update orleanspatterns_idempotency set expires_at = now() - interval '1 hour' where service_id = '{_service}'");
        var rows = Rows(_dataSource, _service, batchSize: 2);
        var first = await rows.RemoveBatchAsync(Token);
        Assert.Equal((true, true, 2), (first.HadTurn, first.IsFull, first.Removed));
        var second = await rows.RemoveBatchAsync(Token);
        Assert.Equal((true, false, 1), (second.HadTurn, second.IsFull, second.Removed));
    }

    public void Dispose() => _made?.Dispose();

    private Task InsertKeyAsync(string expiresAt = "null") => _dataSource.ExecuteAsync(
        $"""
        insert into orleans_storage (serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext, version, modifiedat, expiresat, expiresversion)
        values ('{_service}', 'idempotency', 0, 0, 'idempotency/{_key}', 1, now() - interval '1 hour', {expiresAt}, 1)
        """);

    private async Task RefusedAsync(long executionToken)
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => CompleteAsync(executionToken));
        Assert.Equal(NpgsqlTransactionIdempotencyExtensions.Ended, refusal.SqlState);
    }

    private async Task CompleteAsync(long executionToken)
    {
        await using var connection = await _dataSource.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await CompleteAsync(executionToken, transaction);
        await transaction.CommitAsync(Token);
    }

    private async Task CompleteAsync(long executionToken, NpgsqlTransaction transaction)
    {
        await using var command = new NpgsqlCommand(
            $"select orleanspatterns_complete_execution('{_service}', '{_key}', {executionToken}, '42', interval '24 hours')",
            transaction.Connection,
            transaction);
        await command.ExecuteNonQueryAsync(Token);
    }

    private Task<IReadOnlyList<string>> RowsAsync() =>
        _dataSource.RowsAsync($"select execution_token, is_completed from orleanspatterns_idempotency where key = '{_key}'");
}
