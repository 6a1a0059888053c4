using Npgsql;
using OrleansPatterns.Postgres.Locks;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Locks;

public sealed class NpgsqlTransactionFencingExtensionsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private readonly string _resource = $"sku-42: token 99 {Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryFence_AnswersAndLeavesTheTransactionUsable()
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        Assert.True(await transaction.TryFenceAsync(_resource, 5, Token));
        Assert.True(await transaction.TryFenceAsync(_resource, 5, Token));
        Assert.False(await transaction.TryFenceAsync(_resource, 4, Token));
        Assert.True(await transaction.TryFenceAsync(_resource, 6, Token));
        await transaction.CommitAsync(Token);
        Assert.Equal(["6"], await SeenAsync());
    }

    [Fact]
    public async Task RequireFencingToken_NewerOrEqual_IsRememberedByTheCommit()
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await transaction.RequireFencingTokenAsync(_resource, 5, Token);
        await transaction.RequireFencingTokenAsync(_resource, 5, Token);
        await transaction.RequireFencingTokenAsync(_resource, 7, Token);
        Assert.Empty(await SeenAsync());
        await transaction.CommitAsync(Token);
        Assert.Equal(["7"], await SeenAsync());
    }

    [Fact]
    public async Task RequireFencingToken_Stale_ThrowsTheFactsAndNothingCanBeCommitted()
    {
        await SeeAsync(_resource, 23);
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await transaction.RequireFencingTokenAsync("another " + _resource, 1, Token);

        var exception = await Assert.ThrowsAsync<StaleFencingTokenException>(() => transaction.RequireFencingTokenAsync(_resource, 17, Token));

        Assert.Equal((_resource, 17, 23), (exception.Resource, exception.FencingToken, exception.NewerToken));
        Assert.Equal(
            $"Fencing token 17 for '{_resource}' is stale: token 23 has been seen, so the lock has passed on. Nothing was written. "
            + "Roll the transaction back; to go on, acquire the lock again and decide anew.",
            exception.Message);
        Assert.Equal(StaleFencingTokenException.SqlState, Assert.IsType<PostgresException>(exception.InnerException).SqlState);

        await transaction.CommitAsync(Token);
        Assert.Empty(await database.DataSource.RowsAsync($"select from orleanspatterns_fencing where resource = 'another {_resource}'"));
    }

    [Fact]
    public async Task RequireFencingToken_WhileANewerHolderWrites_WaitsAndIsRefused()
    {
        await using var newer = await database.DataSource.OpenConnectionAsync(Token);
        await using var newerTransaction = await newer.BeginTransactionAsync(Token);
        await newerTransaction.RequireFencingTokenAsync(_resource, 23, Token);
        await using var older = await database.DataSource.OpenConnectionAsync(Token);
        await using var olderTransaction = await older.BeginTransactionAsync(Token);

        var waiting = olderTransaction.RequireFencingTokenAsync(_resource, 17, Token);
        await database.DataSource.WaitForLockedSessionsAsync(1);
        Assert.False(waiting.IsCompleted);
        await newerTransaction.CommitAsync(Token);

        var exception = await Assert.ThrowsAsync<StaleFencingTokenException>(() => waiting);
        Assert.Equal((17, 23), (exception.FencingToken, exception.NewerToken));
    }

    [Theory]
    [InlineData(null, 1, "resource")]
    [InlineData("", 1, "resource")]
    [InlineData("line\nbreak", 1, "resource")]
    [InlineData("sku-42", 0, "fencingToken")]
    [InlineData("sku-42", -1, "fencingToken")]
    public async Task BadArguments_AreRefusedBeforeAnythingIsSent(string? resource, long fencingToken, string parameter)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);

        Assert.Equal(parameter, (await Assert.ThrowsAnyAsync<ArgumentException>(
            () => transaction.RequireFencingTokenAsync(resource!, fencingToken, Token))).ParamName);
        Assert.Equal(parameter, (await Assert.ThrowsAnyAsync<ArgumentException>(
            () => transaction.TryFenceAsync(resource!, fencingToken, Token))).ParamName);

        // PostgreSQL would have ended the transaction.
        Assert.True(await transaction.TryFenceAsync("sku-42", 1, Token));
    }

    [Fact]
    public async Task NoTransaction_IsRefused()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(
            "transaction", () => NpgsqlTransactionFencingExtensions.RequireFencingTokenAsync(null!, "sku-42", 1, Token));

        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await transaction.CommitAsync(Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.RequireFencingTokenAsync(_resource, 1, Token));
        Assert.Empty(await SeenAsync());
    }

    private async Task SeeAsync(string resource, long fencingToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await transaction.RequireFencingTokenAsync(resource, fencingToken, Token);
        await transaction.CommitAsync(Token);
    }

    private Task<IReadOnlyList<string>> SeenAsync() =>
        database.DataSource.RowsAsync($"select last_token from orleanspatterns_fencing where resource = '{_resource}'");
}
