using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Orleans.TestingHost;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Testing;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class IdempotentCallTests(IdempotentCallTests.CallCluster fixture) : IClassFixture<IdempotentCallTests.CallCluster>
{
    private readonly IAccountGrain _account = fixture.Cluster.Client.GetGrain<IAccountGrain>(NewKey());

    [Fact]
    public async Task Repetition_GetsTheFirstAnswerAndTakesNoEffect()
    {
        Assert.Equal(new Booking(1, 10), await WithdrawAsync("a", 10));
        Assert.Equal(new Booking(1, 10), await WithdrawAsync("a", 10));
        Assert.Equal(new Booking(2, 30), await WithdrawAsync("b", 20));
        Assert.Equal(30, await _account.GetWithdrawnAsync());
    }

    [Fact]
    public async Task Repetition_AfterTheGrainsDeactivation_TakesNoEffect()
    {
        await WithdrawAsync("a", 10);
        await _account.AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);

        Assert.Equal(new Booking(1, 10), await WithdrawAsync("a", 10));
        Assert.Equal(0, await _account.GetWithdrawnAsync());
    }

    [Fact]
    public async Task OtherArguments_AreRefused()
    {
        await WithdrawAsync("a", 10);

        await Assert.ThrowsAsync<IdempotencyFingerprintMismatchException>(() => WithdrawAsync("a", 11));
        Assert.Equal(10, await _account.GetWithdrawnAsync());
    }

    [Fact]
    public async Task EqualFingerprint_CountsAsTheSameCall()
    {
        using (IdempotentCall.With("a", "one"))
        {
            await _account.WithdrawAsync(10, TestContext.Current.CancellationToken);
            Assert.Equal(new Booking(1, 10), await _account.WithdrawAsync(11, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Key_BelongsToOneGrainAndOneMethod()
    {
        var other = fixture.Cluster.Client.GetGrain<IAccountGrain>(NewKey());
        using (IdempotentCall.With("a"))
        {
            await _account.WithdrawAsync(10, TestContext.Current.CancellationToken);
            await _account.CloseAsync(10);
            await other.WithdrawAsync(10, TestContext.Current.CancellationToken);
        }

        Assert.Equal((20, 10), (await _account.GetWithdrawnAsync(), await other.GetWithdrawnAsync()));
    }

    [Fact]
    public async Task Key_GoesNoFurtherThanTheFirstGrain()
    {
        var other = fixture.Cluster.Client.GetGrain<IAccountGrain>(NewKey());
        using (IdempotentCall.With("a"))
        {
            var refusal = await Assert.ThrowsAsync<IdempotencyKeyMissingException>(() => _account.TransferAsync(other, 5));
            Assert.Equal("OrleansPatterns.Tests.Idempotency.IAccountGrain.WithdrawAsync", refusal.Method);
        }

        Assert.Equal(0, await other.GetWithdrawnAsync());
    }

    [Fact]
    public async Task Key_ThatTheFirstGrainDoesNotUse_GoesNoFurtherEither()
    {
        var other = fixture.Cluster.Client.GetGrain<IAccountGrain>(NewKey());
        using (IdempotentCall.With("a"))
        {
            await Assert.ThrowsAsync<IdempotencyKeyMissingException>(() => _account.ForwardAsync(other, 5));
        }
    }

    [Fact]
    public async Task Overloads_AreTwoMethods()
    {
        using (IdempotentCall.With("a"))
        {
            Assert.Equal(("int", "long"), (await _account.SetAsync(5), await _account.SetAsync(5L)));
        }
    }

    [Fact]
    public async Task Answer_ThatCannotBeKept_IsAFailureAndTheMethodDoesNotRunAgain()
    {
        using (IdempotentCall.With("a"))
        {
            await Assert.ThrowsAsync<IdempotencyFailedException>(_account.BreakAsync);
            await Assert.ThrowsAsync<IdempotencyFailedException>(_account.BreakAsync);
        }

        Assert.Equal(1, await _account.GetWithdrawnAsync());
    }

    [Fact]
    public async Task Context_AfterARefusedFingerprint_HasNoKey()
    {
        Assert.Throws<InvalidOperationException>(() => IdempotentCall.With("a", default(RequestFingerprint)));
        await Assert.ThrowsAsync<IdempotencyKeyMissingException>(() => _account.WithdrawAsync(1, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WithoutAKey_IsRefusedUnlessTheMethodAllowsIt()
    {
        await Assert.ThrowsAsync<IdempotencyKeyMissingException>(() => _account.WithdrawAsync(10, TestContext.Current.CancellationToken));
        Assert.Equal(0, await _account.GetWithdrawnAsync());

        await _account.CloseAsync(1);
        await _account.CloseAsync(1);
        Assert.Equal(2, await _account.GetWithdrawnAsync());
    }

    [Fact]
    public async Task Scope_IsLeftWithItsDisposal()
    {
        using (IdempotentCall.With("outer"))
        {
            using (IdempotentCall.With("inner"))
            {
                await _account.CloseAsync(1);
            }

            await _account.CloseAsync(1);
            await _account.CloseAsync(1);
        }

        await _account.CloseAsync(1);
        Assert.Equal(3, await _account.GetWithdrawnAsync());
    }

    [Fact]
    public async Task Failure_ReachesTheCallerAndFreesTheKey()
    {
        Assert.Equal("-1", (await Assert.ThrowsAsync<NotSupportedException>(() => WithdrawAsync("a", -1))).Message);
        Assert.Equal("-1", (await Assert.ThrowsAsync<NotSupportedException>(() => WithdrawAsync("a", -1))).Message);
    }

    /// <summary>The exception crosses from silo to client as what it is.</summary>
    [Fact]
    public async Task SealedKey_IsRefusedAndTheMethodDoesNotRun()
    {
        // As the filter makes it of grain and method.
        var method = typeof(IAccountGrain).GetMethod(nameof(IAccountGrain.WithdrawAsync))!;
        string[] parts = [_account.GetGrainId().ToString(), typeof(IAccountGrain).FullName!, method.ToString()!];
        var key = new IdempotencyKey("grain:" + RequestFingerprint.Of(parts).Value, "a");
        var operations = fixture.Cluster.Client.ServiceProvider.GetRequiredService<IIdempotencyOperations>();
        Assert.Equal(SealOutcome.Unused, (await operations.SealAsync(key, TimeSpan.FromHours(1), TestContext.Current.CancellationToken)).Outcome);

        Assert.Equal(key, (await Assert.ThrowsAsync<IdempotencySealedException>(() => WithdrawAsync("a", 10))).Key);
        Assert.Equal(0, await _account.GetWithdrawnAsync());
    }

    /// <summary>As a saga seals the key of the step that makes the call.</summary>
    [Fact]
    public async Task KeySealedWithoutItsScope_IsRefusedAndTheMethodDoesNotRun()
    {
        var key = NewKey() + "/withdraw";
        var operations = fixture.Cluster.Client.ServiceProvider.GetRequiredService<IIdempotencyOperations>();
        await operations.SealAsync(key, TimeSpan.FromHours(1), TestContext.Current.CancellationToken);

        Assert.Equal(key, (await Assert.ThrowsAsync<IdempotencySealedException>(() => WithdrawAsync(key, 10))).Key.Key);
        Assert.Equal(0, await _account.GetWithdrawnAsync());
    }

    [Fact]
    public async Task SixteenDuplicates_TakeEffectOnce()
    {
        var answers = await InTime(Task.WhenAll(Enumerable.Range(0, 16).Select(_ => WithdrawAsync("a", 10))));

        Assert.All(answers, answer => Assert.Equal(new Booking(1, 10), answer));
        Assert.Equal(10, await _account.GetWithdrawnAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\u0001")]
    public void UnusableKey_IsRefused(string key) => Assert.Throws<ArgumentException>(() => IdempotentCall.With(key));

    private async Task<Booking> WithdrawAsync(string key, int amount)
    {
        using (IdempotentCall.With(key))
        {
            return await _account.WithdrawAsync(amount, TestContext.Current.CancellationToken);
        }
    }

    public sealed class CallCluster : IAsyncLifetime
    {
        private PatternsTestCluster? _patterns;

        public TestCluster Cluster => _patterns?.TestCluster ?? throw new InvalidOperationException("The cluster is not deployed yet.");

        public async ValueTask InitializeAsync() => _patterns = await PatternsTestCluster.StartAsync(options =>
        {
            options.UseRealTime = true;
            options.ConfigureSilo(silo => silo.AddIdempotentGrainCalls().AddIdempotentGrainCalls());
        });

        public ValueTask DisposeAsync() => _patterns?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
