using OrleansPatterns.Idempotency;
using OrleansPatterns.PostgresTests.Postgres;
using static OrleansPatterns.PostgresTests.Expiry.SweepFixtures;

namespace OrleansPatterns.PostgresTests.Idempotency;

/// <summary>Which keys the sweeper takes, from the grain to the row. A silo for each test: one of them puts its clock forward by a day.</summary>
public sealed class IdempotencyExpiryTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    private readonly IdempotencySilo _silo = new(server);
    private readonly string _key = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _silo.InitializeAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    private IIdempotencyGrain Grain => _silo.Grains.GetIdempotencyGrain(_key);

    [Theory]
    [InlineData("23 hours", false)]
    [InlineData("26 hours", true)]
    public async Task CompletedKey_GoesAfterItsRetention(string age, bool goes)
    {
        await _silo.Store.ExecuteAsync(_key, "f", _ => Task.FromResult(1), cancellationToken: Token);
        await AgeAsync(_silo.DataSource, $"default/{_key}", age);
        Assert.Equal(goes, await SweepAsync());
    }

    /// <summary>Lost for long, and repeated by nobody: it counts as absent.</summary>
    [Fact]
    public async Task LostKeyThatIsRetried_GoesAfterItsRetention()
    {
        await BeginAsync(OnAbandoned.Retry);
        await AgeAsync(_silo.DataSource, $"default/{_key}", "26 hours");
        Assert.True(await SweepAsync());
    }

    /// <summary>The renewal has moved its time on.</summary>
    [Fact]
    public async Task KeyThatIsWorkedOnBeyondItsRetention_Stays()
    {
        var begun = await BeginAsync(OnAbandoned.Retry);
        await AgeAsync(_silo.DataSource, $"default/{_key}", "26 hours");
        Assert.Equal(ExecutionClaim.Current, await Grain.RenewAsync(begun.ExecutionToken));
        Assert.False(await SweepAsync());
        await _silo.DataSource.ExecuteAsync("update orleans_storage set modifiedat = modifiedat - interval '11 minutes'");
        Assert.False(await SweepAsync());
        Assert.Equal(ExecutionClaim.Current, await Grain.RenewAsync(begun.ExecutionToken));
    }

    /// <summary>Its silo's clock is days behind, so its time has passed; by the database's clock it is at work.</summary>
    [Fact]
    public async Task KeyThatIsWorkedOn_StaysWhateverTheSilosClockSays()
    {
        await BeginAsync(OnAbandoned.Retry);
        await _silo.DataSource.ExecuteAsync(
            $"""
            update orleans_storage set expiresat = now() - interval '3 days', modifiedat = now() - interval '9 minutes'
            where grainkeytext = 'idempotency/default/{_key}'
            """);
        Assert.False(await SweepAsync());
    }

    [Fact]
    public async Task KeyThatWouldBeParked_Stays()
    {
        await BeginAsync(OnAbandoned.Park);
        await AgeAsync(_silo.DataSource, $"default/{_key}", "3 years");
        Assert.False(await SweepAsync());

        _silo.Time.PutForward(Lease);
        var parked = await Assert.ThrowsAsync<IdempotencyParkedException>(
            () => _silo.Store.ExecuteAsync(_key, "f", _ => Task.FromResult(1), cancellationToken: Token));
        await AgeAsync(_silo.DataSource, $"default/{_key}", "3 years");
        Assert.False(await SweepAsync());

        Assert.True(await Grain.FreeAsync(parked.ExecutionToken));
        await AgeAsync(_silo.DataSource, $"default/{_key}", "3 years");
        Assert.True(await SweepAsync());
    }

    /// <summary>Its next write is refused, the activation ends, and the call that is made again finds a new key: with a token that is higher still.</summary>
    [Fact]
    public async Task KeyThatIsStillInMemory_BeginsAnewWithAHigherToken()
    {
        await _silo.Store.ExecuteAsync(_key, "f", _ => Task.FromResult(1), cancellationToken: Token);
        var before = await Grain.GetStatusAsync();
        await AgeAsync(_silo.DataSource, $"default/{_key}", "26 hours");
        Assert.True(await SweepAsync());
        Assert.Equal(IdempotencyPhase.Completed, (await Grain.GetStatusAsync()).Phase);
        _silo.Time.PutForward(Retention);

        Assert.Equal(2, await _silo.Store.ExecuteAsync(_key, "f", _ => Task.FromResult(2), cancellationToken: Token));

        var after = await Grain.GetStatusAsync();
        Assert.Equal(IdempotencyPhase.Completed, after.Phase);
        Assert.True(after.ExecutionToken > before.ExecutionToken, $"{after.ExecutionToken} > {before.ExecutionToken}");
        Assert.Equal(1, await _silo.DataSource.ScalarAsync<long>(
            $"select count(*) from orleans_storage where grainkeytext = 'idempotency/default/{_key}'"));
    }

    private Task<BeginReply> BeginAsync(OnAbandoned onAbandoned) => Grain.BeginAsync(new BeginRequest
    {
        RequestId = Guid.NewGuid(), Fingerprint = "f", Lease = Lease, Retention = Retention, OnAbandoned = onAbandoned,
    });

    /// <summary>Whether the key's row is gone after a batch.</summary>
    private async Task<bool> SweepAsync()
    {
        Assert.True((await Rows(_silo.DataSource, "tests").RemoveBatchAsync(Token)).HadTurn);
        return await _silo.DataSource.ScalarAsync<long>(
            $"select count(*) from orleans_storage where grainkeytext = 'idempotency/default/{_key}'") == 0;
    }
}
