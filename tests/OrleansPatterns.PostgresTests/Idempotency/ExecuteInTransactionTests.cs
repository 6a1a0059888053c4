using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Postgres.Idempotency;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Idempotency;

public sealed class ExecuteInTransactionTests(PostgresServer server, IdempotencySilo silo) : IClassFixture<IdempotencySilo>
{
    private static readonly IdempotencyOptions Impatient = new() { WaitForResult = TimeSpan.Zero };

    private readonly string _key = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_TakesEffectOnceAndItsResultIsRemembered()
    {
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("A", 3)));
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("B", 4)));
        Assert.Equal((1, 1), await StoredAsync());
        Assert.Equal("""{"Name":"A","Lines":3}"""u8.ToArray(), await silo.DataSource.ScalarAsync<byte[]>(
            $"select result from orleanspatterns_idempotency where key = 'default/{_key}'"));
    }

    [Fact]
    public async Task Result_GoesThroughTheSerializerOfTheOptions()
    {
        var options = new IdempotencyOptions(Impatient) { SerializerOptions = new JsonSerializerOptions(JsonSerializerDefaults.Web) };
        await ExecuteAsync(new Receipt("A", 3), options);
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("B", 4), options));
        Assert.Equal("""{"name":"A","lines":3}"""u8.ToArray(), await silo.DataSource.ScalarAsync<byte[]>(
            $"select result from orleanspatterns_idempotency where key = 'default/{_key}'"));
    }

    [Fact]
    public async Task CallersAtOnce_ShareOneEffect()
    {
        var receipts = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => ExecuteAsync(new Receipt("A", number), new IdempotencyOptions())));
        Assert.Single(receipts.Distinct());
        Assert.Equal((1, 1), await StoredAsync());
    }

    [Fact]
    public async Task WorkThatThrows_IsRolledBackAndTheKeyIsFreeAtOnce()
    {
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => ThrowAsync(Impatient));
        Assert.Equal((0, 0), await StoredAsync());
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("A", 3)));
    }

    [Fact]
    public async Task FailureThatIsRemembered_IsRolledBackAndTheResult()
    {
        var options = new IdempotencyOptions(Impatient) { OnFailure = static _ => OnFailure.Remember };
        var first = await Assert.ThrowsAsync<IdempotencyFailedException>(() => ThrowAsync(options));
        Assert.IsType<TimeZoneNotFoundException>(first.InnerException);
        await Assert.ThrowsAsync<IdempotencyFailedException>(() => ExecuteAsync(new Receipt("A", 3)));
        Assert.Equal((0, 0), await StoredAsync());
    }

    [Fact]
    public async Task OnFailureThatThrowsItself_FreesTheKey()
    {
        var options = new IdempotencyOptions(Impatient) { OnFailure = static _ => throw new NotSupportedException() };
        await Assert.ThrowsAsync<NotSupportedException>(() => ThrowAsync(options));
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("A", 3)));
    }

    [Fact]
    public async Task TooLargeResult_IsRolledBackAndTheKeyIsFree()
    {
        var options = new IdempotencyOptions(Impatient) { MaxResultBytes = 25, OnFailure = static _ => OnFailure.Remember };
        await Assert.ThrowsAsync<IdempotencyResultTooLargeException>(() => ExecuteAsync(new Receipt("too long a name", 3), options));
        Assert.Equal((0, 0), await StoredAsync());
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("A", 3), options));
    }

    [Fact]
    public async Task ResultThatIsNoJson_IsRolledBackAndTheKeyIsFree()
    {
        await Assert.ThrowsAsync<NotSupportedException>(
            () => silo.Store.ExecuteInTransactionAsync(_key, "f", silo.DataSource, Work.ReturnsAsync(_key, typeof(int)), Impatient, Token));
        Assert.Equal((0, 0), await StoredAsync());
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("A", 3)));
    }

    /// <summary>A constraint that is checked at the end refuses the commit: nothing has taken effect, and the cluster knows before the caller does.</summary>
    [Fact]
    public async Task CommitThatTheServerRefuses_LeavesNothingAndFreesTheKey()
    {
        await silo.DataSource.ExecuteAsync("create table if not exists checked_late (id integer unique deferrable initially deferred)");
        var fault = await Assert.ThrowsAsync<PostgresException>(() => silo.Store.ExecuteInTransactionAsync(
            _key,
            "f",
            silo.DataSource,
            async (transaction, token) =>
            {
                await using var insert = new NpgsqlCommand("insert into checked_late values (1), (1)", transaction.Connection, transaction);
                await insert.ExecuteNonQueryAsync(token);
                return await Work.ReturnsAsync(_key, 1)(transaction, token);
            },
            Impatient,
            Token));
        Assert.Equal(PostgresErrorCodes.UniqueViolation, fault.SqlState);
        Assert.Equal((0, 0), await StoredAsync());
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("A", 3)));
    }

    [Fact]
    public async Task DatabaseThatIsAway_FreesTheKey()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=localhost;Port=1;Username=nobody;Database=nothing");
        await Assert.ThrowsAsync<NpgsqlException>(
            () => silo.Store.ExecuteInTransactionAsync(_key, "f", nowhere, Work.ReturnsAsync(_key, 1), Impatient, Token));
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("A", 3)));
    }

    [Fact]
    public async Task DatabaseOfAnotherCluster_IsRefused()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await database.DataSource.ExecuteAsync("create table work (key text)");
        await Assert.ThrowsAsync<IdempotencyDatabaseMismatchException>(
            () => silo.Store.ExecuteInTransactionAsync(_key, "f", database.DataSource, Work.ReturnsAsync(_key, 1), Impatient, Token));
        Assert.Equal(0, await database.DataSource.ScalarAsync<long>("select count(*) from work"));
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("A", 3)));
    }

    [Fact]
    public async Task CancelledWork_IsRolledBackAndTheKeyIsFree()
    {
        using var cancellation = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => silo.Store.ExecuteInTransactionAsync(
            _key,
            "f",
            silo.DataSource,
            async (transaction, token) =>
            {
                await Work.ReturnsAsync(_key, 1)(transaction, token);
                await cancellation.CancelAsync();
                token.ThrowIfCancellationRequested();
                return 1;
            },
            Impatient,
            cancellation.Token));
        Assert.Equal((0, 0), await StoredAsync());
        Assert.Equal(new Receipt("A", 3), await ExecuteAsync(new Receipt("A", 3)));
    }

    /// <summary>Effect and result are committed, so the caller has its result, and whoever comes later gets it from the database.</summary>
    [Fact]
    public async Task ClusterThatIsAwayAfterTheCommit_IsNotTheCallersMatter()
    {
        var store = new StoreOfADyingCluster(silo);
        Assert.Equal(42, await store.ExecuteInTransactionAsync(_key, "f", silo.DataSource, Work.ReturnsAsync(_key, 42), Impatient, Token));
        Assert.Equal((1, 1), await StoredAsync());
        Assert.Equal(["complete", "settle"], store.Refused.Distinct());

        silo.Time.PutForward(LostExecutor.Lease);
        Assert.Equal(42, await silo.Store.ExecuteInTransactionAsync(_key, "f", silo.DataSource, Work.ReturnsAsync(_key, 7), Impatient, Token));
        Assert.Equal((1, 1), await StoredAsync());
    }

    [Fact]
    public async Task ExecutionThatIsLostMeanwhile_IsRolledBack()
    {
        var store = new StoreOfADyingCluster(silo);
        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(() => store.ExecuteInTransactionAsync(
            _key,
            "f",
            silo.DataSource,
            async (transaction, token) =>
            {
                silo.Time.PutForward(LostExecutor.Lease);
                Assert.Equal(7, await silo.Store.ExecuteAsync(_key, "f", _ => Task.FromResult(7), Impatient, token));
                return await Work.ReturnsAsync(_key, 42)(transaction, token);
            },
            Impatient,
            Token));
        Assert.Equal((0, 0), await StoredAsync());
        Assert.Equal(7, await silo.Store.ExecuteAsync(_key, "f", _ => Task.FromResult(8), Impatient, Token));
    }

    /// <summary>Its lease was over before its work began.</summary>
    [Fact]
    public async Task ExecutionThatIsLostAtOnce_DoesNotRun()
    {
        var store = new StoreOfADyingCluster(silo) { KnowsThatItsExecutionsAreLost = true };
        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(
            () => store.ExecuteInTransactionAsync(_key, "f", silo.DataSource, Work.ReturnsAsync(_key, 42), Impatient, Token));
        Assert.Equal((0, 0), await StoredAsync());
    }

    private Task<Receipt> ExecuteAsync(Receipt receipt, IdempotencyOptions? options = null) =>
        silo.Store.ExecuteInTransactionAsync(_key, "f", silo.DataSource, Work.ReturnsAsync(_key, receipt), options ?? Impatient, Token);

    private Task<int> ThrowAsync(IdempotencyOptions options) => silo.Store.ExecuteInTransactionAsync<int>(
        _key,
        "f",
        silo.DataSource,
        async (transaction, token) =>
        {
            await Work.ReturnsAsync(_key, 1)(transaction, token);
            throw new TimeZoneNotFoundException();
        },
        options,
        Token);

    private async Task<(long Work, long Completions)> StoredAsync() => (
        await silo.DataSource.ScalarAsync<long>($"select count(*) from work where key = '{_key}'"),
        await silo.DataSource.ScalarAsync<long>(
            $"select count(*) from orleanspatterns_idempotency where key = 'default/{_key}' and is_completed"));

    private sealed record Receipt(string Name, int Lines);

    /// <summary>Begins an execution, and is not to be reached any more when that ends. Its process renews nothing.</summary>
    private sealed class StoreOfADyingCluster(IdempotencySilo silo) : IIdempotencyStore, IIdempotencyGrain
    {
        private readonly ClusterCaller _impatient = new(
            RealTime.Provider,
            Options.Create(new ClusterCallOptions { RetryFor = TimeSpan.FromMilliseconds(1), AttemptTimeout = TimeSpan.FromMilliseconds(1) }));

        internal List<string> Refused { get; } = [];

        internal bool KnowsThatItsExecutionsAreLost { get; init; }

        public async Task<IdempotencyBeginning> BeginAsync(
            IdempotencyKey key, RequestFingerprint fingerprint, IdempotencyOptions? options = null, CancellationToken cancellationToken = default)
        {
            var begun = await silo.Grains.GetIdempotencyGrain(key).BeginAsync(new BeginRequest
            {
                RequestId = Guid.NewGuid(),
                Fingerprint = fingerprint.Value,
                Lease = LostExecutor.Lease,
                Retention = options!.Retention,
                OnAbandoned = OnAbandoned.Retry,
            });
            return new IdempotencyBeginning(LostExecutor.Of(this, key, begun, options, _impatient, KnowsThatItsExecutionsAreLost));
        }

        public Task<ExecutionClaim> CompleteAsync(CompleteRequest request) => Away("complete");

        public Task<ExecutionClaim> SettleAsync(long executionToken) => Away("settle");

        public Task<T> ExecuteAsync<T>(
            IdempotencyKey key,
            RequestFingerprint fingerprint,
            Func<CancellationToken, Task<T>> work,
            IdempotencyOptions? options = null,
            CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<IdempotentExecution?> TryBeginAsync(
            IdempotencyKey messageId, IdempotencyOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<BeginReply> BeginAsync(BeginRequest request) => throw new NotSupportedException();

        public Task<ExecutionClaim> RenewAsync(long executionToken) => throw new NotSupportedException();

        public Task<ExecutionClaim> FailAsync(FailRequest request) => throw new NotSupportedException();

        public Task<ExecutionClaim> ReleaseAsync(long executionToken) => Away("release");

        public Task<BeginReply?> WaitAsync(string fingerprint, TimeSpan slice, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<IdempotencyStatus> GetStatusAsync() => throw new NotSupportedException();

        public Task<bool> FreeAsync(long executionToken) => throw new NotSupportedException();

        public Task<bool> ResolveAsync(CompleteRequest request) => throw new NotSupportedException();

        public Task<SealReply> SealAsync(SealRequest request) => throw new NotSupportedException();

        private Task<ExecutionClaim> Away(string operation)
        {
            Refused.Add(operation);
            return Task.FromException<ExecutionClaim>(new TimeoutException());
        }
    }
}
