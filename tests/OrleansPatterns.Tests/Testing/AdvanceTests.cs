using Medallion.Threading;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;
using OrleansPatterns.Testing;

namespace OrleansPatterns.Tests.Testing;

public sealed class AdvanceTests(TripCluster fixture) : IClassFixture<TripCluster>
{
    private readonly string _key = $"key-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PatternsTestCluster Patterns => fixture.Patterns;

    /// <summary>One jump would only reach the first.</summary>
    [Fact]
    public async Task Advance_PastSeveralBackOffs_HasMadeAllAttempts()
    {
        using var fault = Patterns.FailStep<TripSaga>("flight", new TimeoutException("no answer"), sagaId: _key);
        await Patterns.Sagas.StartAsync<TripSaga, Trip>(_key, new Trip(), Token);
        var before = Patterns.Time.GetUtcNow();

        await Patterns.AdvanceAsync(TimeSpan.FromSeconds(10), Token);

        Assert.Equal(TimeSpan.FromSeconds(10), Patterns.Time.GetUtcNow() - before);
        Assert.Equal(3, fault.Count);
        Assert.Equal(SagaPhase.Compensated, (await Patterns.Sagas.GetStatusAsync(_key, Token)).Phase);
    }

    [Fact]
    public async Task Advance_AnHour_LosesNoLockThatIsKept()
    {
        await using var handle = await Patterns.Locks.AcquireLockAsync(_key, cancellationToken: Token);

        await Patterns.AdvanceAsync(TimeSpan.FromHours(1), Token);

        Assert.False(handle.HandleLostToken.IsCancellationRequested);
        Assert.Equal(TimeSpan.FromHours(1), Assert.Single((await Patterns.Service<ILockOperations>().GetStatusAsync(_key, Token)).Holders).HeldFor);
    }

    [Fact]
    public async Task TimeAdvance_AMonth_IsAJump()
    {
        await using var handle = await Patterns.Locks.AcquireLockAsync(_key, cancellationToken: Token);

        Patterns.Time.Advance(TimeSpan.FromDays(30));

        Assert.True(handle.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task Advance_BelowZero_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Patterns.AdvanceAsync(TimeSpan.FromTicks(-1), Token));

    [Fact]
    public async Task AdvanceUntil_NeverHappens_NamesItAndTheTime()
    {
        var never = new TaskCompletionSource<int>();
        var before = Patterns.Time.GetUtcNow();

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => Patterns.AdvanceUntilAsync(never.Task, TimeSpan.FromSeconds(30), Token));

        Assert.Equal("Within 00:00:30 of the cluster's time this has not happened: never.Task.", exception.Message);
        Assert.Equal(TimeSpan.FromSeconds(30), Patterns.Time.GetUtcNow() - before);
    }

    [Fact]
    public async Task AdvanceUntil_Fails_AsTheEffectDoes() => await Assert.ThrowsAsync<SagaNotFoundException>(
        () => Patterns.AdvanceUntilAsync(Patterns.Sagas.WaitForCompletionAsync(_key, Token), cancellationToken: Token));
}
