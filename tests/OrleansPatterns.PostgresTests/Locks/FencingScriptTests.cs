using System.Data;
using Npgsql;
using OrleansPatterns.Postgres.Schema;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Locks;

/// <summary>What <c>sql/004_fencing.sql</c> promises to those who call its functions from any language.</summary>
public sealed class FencingScriptTests(PostgresServer server, MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private readonly string _resource = $"it's {Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(new long[] { 1 }, new[] { true }, 1)]
    [InlineData(new[] { long.MaxValue }, new[] { true }, long.MaxValue)]
    [InlineData(new long[] { 5, 5, 5 }, new[] { true, true, true }, 5)]
    [InlineData(new long[] { 5, 6, 20 }, new[] { true, true, true }, 20)]
    [InlineData(new long[] { 5, 4 }, new[] { true, false }, 5)]
    [InlineData(new long[] { 5, 9, 7, 9, 1, 10, 9 }, new[] { true, true, false, true, false, true, false }, 10)]
    public async Task Fence_RefusesTokensLowerThanTheHighestSeen(long[] tokens, bool[] expected, long lastToken)
    {
        var answers = new List<bool>();
        foreach (var token in tokens)
        {
            answers.Add(await FenceAsync(_resource, token));
        }

        Assert.Equal(expected, answers);
        Assert.Equal([lastToken], await SeenAsync(_resource));
    }

    [Fact]
    public async Task Fence_OtherResource_HasTokensOfItsOwn()
    {
        Assert.True(await FenceAsync(_resource, 9));
        Assert.True(await FenceAsync(_resource.ToUpperInvariant(), 3));
        Assert.False(await FenceAsync(_resource, 3));
        Assert.Equal([9], await SeenAsync(_resource));
        Assert.Equal([3], await SeenAsync(_resource.ToUpperInvariant()));
    }

    [Fact]
    public async Task Fence_Stale_DoesNotWriteTheRow()
    {
        await FenceAsync(_resource, 9);
        var version = await RowVersionAsync();
        Assert.False(await FenceAsync(_resource, 8));
        Assert.Equal(version, await RowVersionAsync());
    }

    [Theory]
    [InlineData(null, 1L, "a fence has a resource, which is a text of at least one character; this one is null")]
    [InlineData("", 1L, "a fence has a resource, which is a text of at least one character; this one is empty")]
    [InlineData("sku-42", null, "a fencing token is at least 1; this one, for resource \"sku-42\", is null")]
    [InlineData("sku-42", 0L, "a fencing token is at least 1; this one, for resource \"sku-42\", is 0")]
    [InlineData("sku-42", -7L, "a fencing token is at least 1; this one, for resource \"sku-42\", is -7")]
    public async Task BadInput_IsAnError_NotAnAnswer(string? resource, long? token, string expected)
    {
        foreach (var function in new[] { "orleanspatterns_fence", "orleanspatterns_require_fence" })
        {
            await using var connection = await database.DataSource.OpenConnectionAsync(Token);
            var error = await Assert.ThrowsAsync<PostgresException>(() => CallAsync(connection, function, resource, token));
            Assert.Equal((PostgresErrorCodes.InvalidParameterValue, expected), (error.SqlState, error.MessageText));
        }

        Assert.Empty(await SeenAsync("sku-42"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fence_RolledBack_IsForgotten(bool seenBefore)
    {
        if (seenBefore)
        {
            await FenceAsync(_resource, 1);
        }

        await using (var writer = await Writer.BeginAsync(database))
        {
            Assert.True(await writer.FenceAsync(_resource, 9));
            await writer.Transaction.RollbackAsync(Token);
        }

        Assert.True(await FenceAsync(_resource, 2));
        Assert.Equal([2], await SeenAsync(_resource));
    }

    [Theory]
    [InlineData(false, 6, false, 7)]
    [InlineData(true, 6, false, 7)]
    [InlineData(false, 7, true, 7)]
    [InlineData(true, 7, true, 7)]
    [InlineData(false, 8, true, 8)]
    [InlineData(true, 8, true, 8)]
    public async Task Fence_WhileAnotherWriterIsAtWork_WaitsForItsCommitAndDecidesByIt(bool seenBefore, long token, bool expected, long lastToken)
    {
        if (seenBefore)
        {
            await FenceAsync(_resource, 5);
        }

        await using var first = await Writer.BeginAsync(database);
        await using var second = await Writer.BeginAsync(database);
        Assert.True(await first.FenceAsync(_resource, 7));

        var waiting = second.FenceAsync(_resource, token);
        await database.DataSource.WaitForLockedSessionsAsync(1);
        Assert.False(waiting.IsCompleted);
        await first.Transaction.CommitAsync(Token);

        Assert.Equal(expected, await waiting);
        await second.Transaction.CommitAsync(Token);
        Assert.Equal([lastToken], await SeenAsync(_resource));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fence_WhileAnotherWriterIsAtWork_GoesOnWhenItRollsBack(bool seenBefore)
    {
        if (seenBefore)
        {
            await FenceAsync(_resource, 5);
        }

        await using var first = await Writer.BeginAsync(database);
        await using var second = await Writer.BeginAsync(database);
        Assert.True(await first.FenceAsync(_resource, 7));

        var waiting = second.FenceAsync(_resource, 6);
        await database.DataSource.WaitForLockedSessionsAsync(1);
        await first.Transaction.RollbackAsync(Token);

        Assert.True(await waiting);
        await second.Transaction.CommitAsync(Token);
        Assert.Equal([6], await SeenAsync(_resource));
    }

    /// <summary>An equal token too, which changes nothing to wait for but the lock.</summary>
    [Fact]
    public async Task Fence_EqualToken_HoldsOthersBackAllTheSame()
    {
        await FenceAsync(_resource, 7);
        await using var holder = await Writer.BeginAsync(database);
        await using var next = await Writer.BeginAsync(database);
        Assert.True(await holder.FenceAsync(_resource, 7));

        await next.ExecuteAsync("set local lock_timeout = '1ms'");
        var error = await Assert.ThrowsAsync<PostgresException>(() => next.FenceAsync(_resource, 8));
        Assert.Equal(PostgresErrorCodes.LockNotAvailable, error.SqlState);
    }

    [Fact]
    public async Task Fence_AfterWaiting_TheNextStatementSeesWhatTheOtherWrote()
    {
        await database.DataSource.ExecuteAsync("create table counter (value integer not null); insert into counter values (0)");
        await using var first = await Writer.BeginAsync(database);
        await using var second = await Writer.BeginAsync(database);
        Assert.Equal("0", await second.AskAsync("select value from counter"));
        await first.FenceAsync(_resource, 7);

        var waiting = second.FenceAsync(_resource, 8);
        await database.DataSource.WaitForLockedSessionsAsync(1);
        await first.ExecuteAsync("update counter set value = 1");
        await first.Transaction.CommitAsync(Token);

        Assert.True(await waiting);
        Assert.Equal("1", await second.AskAsync("select value from counter"));
    }

    [Theory]
    [InlineData(IsolationLevel.RepeatableRead, false, 8)]
    [InlineData(IsolationLevel.RepeatableRead, true, 8)]
    [InlineData(IsolationLevel.RepeatableRead, true, 6)]
    [InlineData(IsolationLevel.Serializable, false, 8)]
    [InlineData(IsolationLevel.Serializable, true, 8)]
    [InlineData(IsolationLevel.Serializable, true, 6)]
    public async Task Fence_SnapshotIsOlderThanAnotherFence_IsASerializationFailure(IsolationLevel isolation, bool seenBefore, long token)
    {
        if (seenBefore)
        {
            await FenceAsync(_resource, 5);
        }

        await using var writer = await Writer.BeginAsync(database, isolation);
        await writer.AskAsync("select count(*) from orleanspatterns_schema");
        await FenceAsync(_resource, 7);

        var error = await Assert.ThrowsAsync<PostgresException>(() => writer.FenceAsync(_resource, token));
        Assert.Equal(PostgresErrorCodes.SerializationFailure, error.SqlState);
    }

    [Fact]
    public async Task RequireFence_NewerOrEqual_IsRemembered()
    {
        await using var writer = await Writer.BeginAsync(database);
        await writer.RequireFenceAsync(_resource, 3);
        await writer.RequireFenceAsync(_resource, 3);
        await writer.RequireFenceAsync(_resource, 8);
        await writer.Transaction.CommitAsync(Token);
        Assert.Equal([8], await SeenAsync(_resource));
    }

    [Fact]
    public async Task RequireFence_Stale_EndsTheTransactionWithASqlStateOfOurOwn()
    {
        await FenceAsync(_resource, 23);
        await using var writer = await Writer.BeginAsync(database);
        await writer.RequireFenceAsync("another " + _resource, 1);

        var error = await Assert.ThrowsAsync<PostgresException>(() => writer.RequireFenceAsync(_resource, 17));

        Assert.Equal("OP001", error.SqlState);
        Assert.Equal($"fencing token 17 is stale: token 23 has been seen for resource \"{_resource}\"", error.MessageText);
        Assert.Equal("The lock has passed on. Give this write up, or acquire the lock again and decide anew, with the new token.", error.Hint);
        var next = await Assert.ThrowsAsync<PostgresException>(() => writer.AskAsync("select 1"));
        Assert.Equal(PostgresErrorCodes.InFailedSqlTransaction, next.SqlState);
        Assert.Empty(await SeenAsync("another " + _resource));
    }

    /// <summary>The token that made it stale was committed after the call had begun.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RequireFence_StaleAfterWaiting_NamesTheTokenItWaitedFor(bool seenBefore)
    {
        if (seenBefore)
        {
            await FenceAsync(_resource, 5);
        }

        await using var first = await Writer.BeginAsync(database);
        await using var second = await Writer.BeginAsync(database);
        await first.RequireFenceAsync(_resource, 7);

        var waiting = second.RequireFenceAsync(_resource, 6);
        await database.DataSource.WaitForLockedSessionsAsync(1);
        await first.Transaction.CommitAsync(Token);

        var error = await Assert.ThrowsAsync<PostgresException>(() => waiting);
        Assert.Equal($"fencing token 6 is stale: token 7 has been seen for resource \"{_resource}\"", error.MessageText);
    }

    [Fact]
    public async Task Functions_UseTheTableBesideThem_WhateverTheCallersSearchPathIs()
    {
        await using var other = await EmptyDatabase.CreateAsync(server);
        foreach (var schema in new[] { "here", "\"Not Here\"" })
        {
            await other.DataSource.ExecuteAsync($"create schema {schema}");
            var connectionString = new NpgsqlConnectionStringBuilder(other.ConnectionString) { SearchPath = schema }.ConnectionString;
            await using var dataSource = NpgsqlDataSource.Create(connectionString);
            foreach (var script in SchemaScript.All)
            {
                await dataSource.ExecuteAsync(script.Text);
            }
        }

        await other.DataSource.ExecuteAsync(
            """
            create temp table orleanspatterns_fencing (like here.orleanspatterns_fencing including all);
            set search_path = "Not Here";
            select here.orleanspatterns_fence('sku-42', 5);
            select here.orleanspatterns_require_fence('sku-42', 6);
            """);

        Assert.Equal(["6"], await other.DataSource.RowsAsync("select last_token from here.orleanspatterns_fencing"));
        Assert.Empty(await other.DataSource.RowsAsync("select last_token from \"Not Here\".orleanspatterns_fencing"));
    }

    private async Task<bool> FenceAsync(string resource, long token)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        return (bool)(await CallAsync(connection, "orleanspatterns_fence", resource, token))!;
    }

    private async Task<IReadOnlyList<long>> SeenAsync(string resource)
    {
        await using var command = database.DataSource.CreateCommand("select last_token from orleanspatterns_fencing where resource = $1");
        command.Parameters.AddWithValue(resource);
        return [.. (await command.RowsAsync()).Select(long.Parse)];
    }

    private async Task<string> RowVersionAsync()
    {
        await using var command = database.DataSource.CreateCommand("select xmin, ctid::text from orleanspatterns_fencing where resource = $1");
        command.Parameters.AddWithValue(_resource);
        return Assert.Single(await command.RowsAsync());
    }

    private static async Task<object?> CallAsync(NpgsqlConnection connection, string function, string? resource, long? token)
    {
        await using var command = new NpgsqlCommand($"select {function}($1, $2)", connection)
        {
            Parameters =
            {
                new() { Value = (object?)resource ?? DBNull.Value, DataTypeName = "text" },
                new() { Value = (object?)token ?? DBNull.Value, DataTypeName = "bigint" },
            },
        };
        return await command.ExecuteScalarAsync(Token);
    }

    /// <summary>A session with an open transaction.</summary>
    private sealed class Writer(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        internal NpgsqlTransaction Transaction => transaction;

        internal static async Task<Writer> BeginAsync(MigratedDatabase database, IsolationLevel isolation = IsolationLevel.ReadCommitted)
        {
            var connection = await database.DataSource.OpenConnectionAsync(Token);
            return new Writer(connection, await connection.BeginTransactionAsync(isolation, Token));
        }

        internal async Task<bool> FenceAsync(string resource, long token) =>
            (bool)(await CallAsync(connection, "orleanspatterns_fence", resource, token))!;

        internal async Task RequireFenceAsync(string resource, long token) =>
            await CallAsync(connection, "orleanspatterns_require_fence", resource, token);

        internal async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(Token);
        }

        internal async Task<string> AskAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return Assert.Single(await command.RowsAsync());
        }

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
