using Npgsql;
using OrleansPatterns.Idempotency;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Idempotency;

/// <summary>A key that is closed while nobody knows of its executor's transaction.</summary>
public sealed class IdempotencySealingTests(IdempotencySilo silo) : IClassFixture<IdempotencySilo>
{
    private static readonly TimeSpan Retention = TimeSpan.FromHours(1);
    private static readonly IdempotencyOptions Parking = new() { WaitForResult = TimeSpan.Zero, OnAbandoned = OnAbandoned.Park };

    private readonly string _key = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CommittedButUnreported_IsCompletedAndReplayed()
    {
        await CommitAsync(await LostExecutor.BeginAsync(silo, _key));
        Assert.Equal((SealOutcome.InProgress, true), await SealAsync());
        silo.Time.PutForward(LostExecutor.Lease);

        Assert.Equal((SealOutcome.Completed, false), await SealAsync());

        Assert.Equal(42, await ExecuteAsync());
        Assert.Equal(1, await WorkAsync());
    }

    [Fact]
    public async Task OpenTransaction_PutsTheSealOffUntilItIsGone()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await using (var work = await Work.BeginAsync(silo.DataSource, _key))
        {
            await work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token);
            silo.Time.PutForward(LostExecutor.Lease);
            var reply = await silo.Service<IIdempotencyOperations>().SealAsync(_key, Retention, Token);
            Assert.Equal((SealOutcome.InProgress, TimeSpan.FromSeconds(1)), (reply.Outcome, reply.RetryAfter));
        }

        silo.Time.PutForward(TimeSpan.FromSeconds(1));
        Assert.Equal((SealOutcome.Abandoned, false), await SealAsync());
        Assert.Equal(0, await WorkAsync());
    }

    [Fact]
    public async Task OpenTransaction_ThatCommitsMeanwhile_IsCompleted()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await using var work = await Work.BeginAsync(silo.DataSource, _key);
        await work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token);
        silo.Time.PutForward(LostExecutor.Lease);
        Assert.Equal((SealOutcome.InProgress, true), await SealAsync());

        await work.Transaction.CommitAsync(Token);
        silo.Time.PutForward(TimeSpan.FromSeconds(1));
        Assert.Equal((SealOutcome.Completed, false), await SealAsync());
        Assert.Equal(42, await ExecuteAsync());
    }

    /// <summary>The executor comes back to commit after the seal: its work is undone with its transaction.</summary>
    [Fact]
    public async Task Sealed_LateTransactionIsRefusedAndItsWritesAreLost()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await using var work = await Work.BeginAsync(silo.DataSource, _key);
        silo.Time.PutForward(LostExecutor.Lease);
        Assert.Equal((SealOutcome.Abandoned, false), await SealAsync());

        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(
            () => work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token));

        await work.Transaction.CommitAsync(Token);
        await execution.DisposeAsync();
        Assert.Equal(0, await WorkAsync());
        await Assert.ThrowsAsync<IdempotencySealedException>(ExecuteAsync);
        Assert.Equal(0, await WorkAsync());
        Assert.Equal((SealOutcome.Abandoned, false), await SealAsync());
    }

    [Fact]
    public async Task Parked_IsSealedAndItsLateTransactionRefused()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key, Parking);
        silo.Time.PutForward(LostExecutor.Lease);
        await Assert.ThrowsAsync<IdempotencyParkedException>(ExecuteAsync);

        Assert.Equal((SealOutcome.Abandoned, false), await SealAsync());

        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(() => CommitAsync(execution));
        await Assert.ThrowsAsync<IdempotencySealedException>(ExecuteAsync);
        Assert.Equal(0, await WorkAsync());
    }

    /// <summary>The row of a key that nobody has used, written by the seal.</summary>
    [Fact]
    public async Task UnusedKey_IsSealedByItsFirstRow()
    {
        Assert.Equal((SealOutcome.Unused, false), await SealAsync());
        await Assert.ThrowsAsync<IdempotencySealedException>(ExecuteAsync);
        silo.Time.PutForward(Retention);
        Assert.Equal(7, await ExecuteAsync());
    }

    private async Task<(SealOutcome Outcome, bool IsPutOff)> SealAsync()
    {
        var reply = await silo.Service<IIdempotencyOperations>().SealAsync(_key, Retention, Token);
        return (reply.Outcome, reply.RetryAfter > TimeSpan.Zero);
    }

    private async Task CommitAsync(IdempotentExecution execution)
    {
        await using var work = await Work.BeginAsync(silo.DataSource, _key);
        await work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token);
        await work.Transaction.CommitAsync(Token);
    }

    private Task<int> ExecuteAsync() =>
        silo.Store.ExecuteInTransactionAsync(_key, "f", silo.DataSource, Work.ReturnsAsync(_key, 7), Parking, Token);

    private Task<long> WorkAsync() => silo.DataSource.ScalarAsync<long>($"select count(*) from work where key = '{_key}'");
}
