using System.Data;
using Npgsql;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Postgres.Idempotency;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.PostgresTests.Storage;

namespace OrleansPatterns.PostgresTests.Idempotency;

/// <summary>An executor's transaction that completes its key, and all who may come in between.</summary>
public sealed class IdempotencyTransactionTests(PostgresServer server, IdempotencySilo silo, MigratedDatabase other)
    : IClassFixture<IdempotencySilo>, IClassFixture<MigratedDatabase>
{
    /// <summary>Refuses at once where the defaults would wait.</summary>
    private static readonly IdempotencyOptions Impatient = new() { WaitForResult = TimeSpan.Zero };

    private static readonly IdempotencyOptions Parking = new(Impatient) { OnAbandoned = OnAbandoned.Park };

    private readonly string _key = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IIdempotencyGrain Grain => silo.Grains.GetIdempotencyGrain(_key);

    [Fact]
    public async Task Committed_ThenReported_IsTheResult()
    {
        await using (var execution = await LostExecutor.BeginAsync(silo, _key))
        {
            await using var work = await Work.BeginAsync(silo.DataSource, _key);
            await work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token);
            Assert.Equal((0, 0), await StoredAsync());
            await work.Transaction.CommitAsync(Token);
            await execution.CompleteAsync("42"u8.ToArray(), Token);
        }

        Assert.Equal((1, 1), await StoredAsync());
        Assert.Equal(42, await ExecuteAsync());
    }

    /// <summary>Disposed in peace, without a report: what has been committed is the result at once, without any waiting for a lease.</summary>
    [Fact]
    public async Task Committed_ThenDisposed_IsTheResult()
    {
        await using (var execution = await LostExecutor.BeginAsync(silo, _key))
        {
            await CommitAsync(execution);
        }

        Assert.Equal(42, await ExecuteAsync());
    }

    /// <summary>The server has committed, and the executor cannot know.</summary>
    [Fact]
    public async Task CommitWhoseAnswerIsLost_ThenDisposed_IsTheResult()
    {
        await using var proxy = new FaultyProxy(silo.ConnectionString);
        await using var dataSource = NpgsqlDataSource.Create(proxy.ConnectionString);
        await using (var execution = await LostExecutor.BeginAsync(silo, _key))
        {
            await using var work = await Work.BeginAsync(dataSource, _key);
            await work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token);
            proxy.LoseNextAnswer();
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => work.Transaction.CommitAsync(Token));
        }

        Assert.Equal(42, await ExecuteAsync());
        Assert.Equal((1, 1), await StoredAsync());
    }

    [Fact]
    public async Task RolledBack_ThenDisposed_LeavesNothingAndFreesTheKeyAtOnce()
    {
        await using (var execution = await LostExecutor.BeginAsync(silo, _key))
        {
            await using var work = await Work.BeginAsync(silo.DataSource, _key);
            await work.Transaction.CompleteExecutionAsync(execution, "41"u8.ToArray(), Token);
            await work.Transaction.RollbackAsync(Token);
        }

        Assert.Equal((0, 0), await StoredAsync());
        Assert.Equal(7, await ExecuteAsync());
        Assert.Equal((1, 1), await StoredAsync());
    }

    [Fact]
    public async Task DiedAfterTheCommit_NextCallerGetsTheResultAndRunsNothing()
    {
        await CommitAsync(await LostExecutor.BeginAsync(silo, _key));
        await Assert.ThrowsAsync<IdempotencyInProgressException>(ExecuteAsync);
        silo.Time.PutForward(LostExecutor.Lease);

        Assert.Equal(42, await ExecuteAsync());

        Assert.Equal((1, 1), await StoredAsync());
        var status = await Grain.GetStatusAsync();
        Assert.Equal((IdempotencyPhase.Completed, 2), (status.Phase, status.ResultBytes));
        Assert.InRange(status.ExpiresAt!.Value - status.CompletedAt!.Value, TimeSpan.FromHours(23.9), TimeSpan.FromHours(24));
    }

    [Fact]
    public async Task DiedWithItsTransactionOpen_NextCallerIsTurnedAwayUntilThatIsGone()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await using (var work = await Work.BeginAsync(silo.DataSource, _key))
        {
            await work.Transaction.CompleteExecutionAsync(execution, "41"u8.ToArray(), Token);
            silo.Time.PutForward(LostExecutor.Lease);
            var refusal = await Assert.ThrowsAsync<IdempotencyInProgressException>(ExecuteAsync);
            Assert.Equal(TimeSpan.FromSeconds(1), refusal.RetryAfter);
        }

        silo.Time.PutForward(TimeSpan.FromSeconds(1));
        Assert.Equal(7, await ExecuteAsync());
        Assert.Equal((1, 1), await StoredAsync());
    }

    [Fact]
    public async Task OpenTransaction_ThatCommitsWhileTheNextCallerWaits_GivesItsResult()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await using var work = await Work.BeginAsync(silo.DataSource, _key);
        await work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token);
        silo.Time.PutForward(LostExecutor.Lease);
        var waiting = silo.Store.ExecuteInTransactionAsync(_key, "f", silo.DataSource, Work.ReturnsAsync(_key, 7), cancellationToken: Token);
        await silo.DataSource.WaitForLockedSessionsAsync(1);

        await work.Transaction.CommitAsync(Token);

        Assert.Equal(42, await waiting);
        Assert.Equal((1, 1), await StoredAsync());
    }

    [Fact]
    public async Task TakenOver_CannotCompleteAnyMoreAndItsWritesAreLost()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await using var work = await Work.BeginAsync(silo.DataSource, _key);
        silo.Time.PutForward(LostExecutor.Lease);
        Assert.Equal(7, await ExecuteAsync());

        var lost = await Assert.ThrowsAsync<IdempotencyExecutionLostException>(
            () => work.Transaction.CompleteExecutionAsync(execution, "41"u8.ToArray(), Token));

        Assert.Equal(execution.ExecutionToken, lost.ExecutionToken);
        await work.Transaction.CommitAsync(Token);
        await execution.DisposeAsync();
        Assert.Equal((1, 1), await StoredAsync());
        Assert.Equal(7, await ExecuteAsync());
    }

    /// <summary>Also while the one who took over still runs, without any transaction.</summary>
    [Fact]
    public async Task GivenUp_CannotCompleteAnyMore()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        silo.Time.PutForward(LostExecutor.Lease);
        var next = await LostExecutor.BeginAsync(silo, _key);
        await using var work = await Work.BeginAsync(silo.DataSource, _key);
        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(
            () => work.Transaction.CompleteExecutionAsync(execution, "41"u8.ToArray(), Token));
        await work.Transaction.CommitAsync(Token);
        await next.CompleteAsync("7"u8.ToArray(), Token);
        Assert.Equal((0, 0), await StoredAsync());
        Assert.Equal(7, await ExecuteAsync());
    }

    /// <summary>Its snapshot does not show that it was given up; PostgreSQL does not let it write over what it cannot see.</summary>
    [Theory]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task TakenOver_UnderASnapshotFromBefore_FailsToSerialize(IsolationLevel isolation)
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await using var work = await Work.BeginAsync(silo.DataSource, _key, isolation);
        silo.Time.PutForward(LostExecutor.Lease);
        Assert.Equal(7, await ExecuteAsync());

        var fault = await Assert.ThrowsAsync<PostgresException>(
            () => work.Transaction.CompleteExecutionAsync(execution, "41"u8.ToArray(), Token));
        Assert.Equal(PostgresErrorCodes.SerializationFailure, fault.SqlState);
        await work.Transaction.CommitAsync(Token);
        Assert.Equal((1, 1), await StoredAsync());
    }

    [Fact]
    public async Task SameCompletionTwice_InOneTransaction_IsFine()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await using var work = await Work.BeginAsync(silo.DataSource, _key);
        await work.Transaction.SaveAsync("before", Token);
        await work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token);
        await work.Transaction.ReleaseAsync("before", Token);
        await work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token);
        await work.Transaction.SaveAsync("other", Token);
        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(
            () => work.Transaction.CompleteExecutionAsync(execution, "43"u8.ToArray(), Token));
        await work.Transaction.RollbackAsync("other", Token);
        await work.Transaction.CommitAsync(Token);
        await execution.DisposeAsync();
        Assert.Equal(42, await ExecuteAsync());
    }

    /// <summary>The work of an execution whose commit was not answered, done again: it would take effect twice.</summary>
    [Fact]
    public async Task SameCompletionTwice_InTwoTransactions_IsRefused()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await CommitAsync(execution);
        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(() => CommitAsync(execution));
        Assert.Equal((1, 1), await StoredAsync());
        await execution.DisposeAsync();
        Assert.Equal(42, await ExecuteAsync());
    }

    [Fact]
    public async Task Message_WithoutAResult_IsHandledOnce()
    {
        var message = await silo.Store.TryBeginAsync(_key, Impatient, Token);
        await using (var work = await Work.BeginAsync(silo.DataSource, _key))
        {
            await work.Transaction.CompleteExecutionAsync(message!, cancellationToken: Token);
            await work.Transaction.CommitAsync(Token);
        }

        await message!.DisposeAsync();
        Assert.Null(await silo.Store.TryBeginAsync(_key, Impatient, Token));
        Assert.Equal((1, 1), await StoredAsync());
    }

    [Fact]
    public async Task TooLargeResult_IsRefusedAndNothingWasSent()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key, new IdempotencyOptions { MaxResultBytes = 2 });
        await using var work = await Work.BeginAsync(silo.DataSource, _key);
        await Assert.ThrowsAsync<IdempotencyResultTooLargeException>(
            () => work.Transaction.CompleteExecutionAsync(execution, "423"u8.ToArray(), Token));
        await work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token);
        await work.Transaction.CommitAsync(Token);
        await execution.DisposeAsync();
        Assert.Equal(42, await ExecuteAsync());
    }

    [Fact]
    public async Task DatabaseOfAnotherCluster_IsRefusedAndTheKeyIsFreeAtOnce()
    {
        await using (var execution = await LostExecutor.BeginAsync(silo, _key))
        {
            await other.DataSource.ExecuteAsync("create table if not exists work (key text)");
            await using var work = await Work.BeginAsync(other.DataSource, _key);
            var refusal = await Assert.ThrowsAsync<IdempotencyDatabaseMismatchException>(
                () => work.Transaction.CompleteExecutionAsync(execution, "41"u8.ToArray(), Token));
            Assert.Equal((execution.Key, "tests"), (refusal.Key, refusal.ServiceId));
            Assert.Equal(
                $"A transaction in database '{refusal.Database}' cannot complete 'default/{_key}' of service 'tests': it does not see the key there. Nothing "
                + "was written. Use the database, and the schema, that the silos' UsePostgres names, and begin the transaction after the execution.",
                refusal.Message);
            await work.Transaction.CommitAsync(Token);
            Assert.Equal(0, await other.DataSource.ScalarAsync<long>($"select count(*) from work where key = '{_key}'"));
        }

        Assert.Equal(7, await ExecuteAsync());
    }

    [Fact]
    public async Task DatabaseOfNoCluster_IsRefused()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await database.DataSource.ExecuteAsync("create table work (key text)");
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await using var work = await Work.BeginAsync(database.DataSource, _key);
        var refusal = await Assert.ThrowsAsync<IdempotencyDatabaseMismatchException>(
            () => work.Transaction.CompleteExecutionAsync(execution, "41"u8.ToArray(), Token));
        Assert.Equal(database.Name, refusal.Database);
    }

    [Fact]
    public async Task DisposedExecution_CannotComplete()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key);
        await execution.DisposeAsync();
        await using var work = await Work.BeginAsync(silo.DataSource, _key);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => work.Transaction.CompleteExecutionAsync(execution, "41"u8.ToArray(), Token));
    }

    [Fact]
    public async Task ParkingKey_ThatWasCommitted_IsNotParked()
    {
        await CommitAsync(await LostExecutor.BeginAsync(silo, _key, Parking));
        silo.Time.PutForward(LostExecutor.Lease);
        Assert.Equal(42, await ExecuteAsync(Parking));
    }

    [Fact]
    public async Task ParkingKey_WhoseTransactionIsOpen_IsParkedOnlyWhenThatIsGone()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key, Parking);
        await using (var work = await Work.BeginAsync(silo.DataSource, _key))
        {
            await work.Transaction.CompleteExecutionAsync(execution, "41"u8.ToArray(), Token);
            silo.Time.PutForward(LostExecutor.Lease);
            await Assert.ThrowsAsync<IdempotencyInProgressException>(() => ExecuteAsync(Parking));
            Assert.False(await Grain.FreeAsync(execution.ExecutionToken));
        }

        silo.Time.PutForward(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<IdempotencyParkedException>(() => ExecuteAsync(Parking));
        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(() => CommitAsync(execution));
        Assert.True(await Grain.FreeAsync(execution.ExecutionToken));
        Assert.Equal(7, await ExecuteAsync(Parking));
    }

    /// <summary>The operator comes before anybody has found the key abandoned.</summary>
    [Fact]
    public async Task ParkingKey_ThatWasCommitted_IsNotFreed()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key, Parking);
        await CommitAsync(execution);
        silo.Time.PutForward(LostExecutor.Lease);
        Assert.False(await Grain.FreeAsync(execution.ExecutionToken));
        Assert.Equal(42, await ExecuteAsync(Parking));
    }

    [Fact]
    public async Task ParkingKey_ThatWasCommitted_IsGivenNoOtherResult()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key, Parking);
        await CommitAsync(execution);
        silo.Time.PutForward(LostExecutor.Lease);
        var other = new CompleteRequest { ExecutionToken = execution.ExecutionToken, Result = "41"u8.ToArray(), Retention = TimeSpan.FromDays(1) };
        Assert.False(await Grain.ResolveAsync(other));
        Assert.Equal(42, await ExecuteAsync(Parking));
    }

    /// <summary>The answer to the commit was lost, and the executor believes that its work has failed.</summary>
    [Fact]
    public async Task Failure_ReportedAfterTheCommit_DoesNotReplaceTheResult()
    {
        var execution = await LostExecutor.BeginAsync(silo, _key, Parking);
        await CommitAsync(execution);
        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(
            () => execution.FailAsync(new IdempotencyFailure { Type = "t", Message = "connection lost" }, Token));
        Assert.Equal(42, await ExecuteAsync(Parking));
    }

    private async Task CommitAsync(IdempotentExecution execution)
    {
        await using var work = await Work.BeginAsync(silo.DataSource, _key);
        await work.Transaction.CompleteExecutionAsync(execution, "42"u8.ToArray(), Token);
        await work.Transaction.CommitAsync(Token);
    }

    /// <summary>The next caller: work with the result 7, and no patience.</summary>
    private Task<int> ExecuteAsync() => ExecuteAsync(Impatient);

    private Task<int> ExecuteAsync(IdempotencyOptions options) =>
        silo.Store.ExecuteInTransactionAsync(_key, "f", silo.DataSource, Work.ReturnsAsync(_key, 7), options, Token);

    /// <summary>How often the work has taken effect, and how many completions there are.</summary>
    private async Task<(long Work, long Completions)> StoredAsync() => (
        await silo.DataSource.ScalarAsync<long>($"select count(*) from work where key = '{_key}'"),
        await silo.DataSource.ScalarAsync<long>(
            $"select count(*) from orleanspatterns_idempotency where key = 'default/{_key}' and is_completed"));
}
