using Medallion.Threading;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;
using OrleansPatterns.Testing;
using Polly.CircuitBreaker;
using Xunit;

/// <summary>What befalls a cluster at night, in the tests of an application that has the packages alone.</summary>
public sealed class CheckoutTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lock_ExpiresAndPassesOn_WithAHigherToken()
    {
        await using var cluster = await PatternsTestCluster.StartAsync();
        await using var silent = await cluster.Locks.AcquireLockAsync("sku-42", cancellationToken: Token);
        var waiting = cluster.Locks.AcquireLockAsync("sku-42", cancellationToken: Token).AsTask();

        await cluster.ExpireLockAsync("sku-42", Token);

        Assert.True(silent.HandleLostToken.IsCancellationRequested);
        await using var next = await cluster.AdvanceUntilAsync(waiting, cancellationToken: Token);
        Assert.True(next.FencingToken > silent.FencingToken);
    }

    [Fact]
    public async Task OpenBreaker_RefusesCalls_UntilItIsClosed()
    {
        await using var cluster = await PatternsTestCluster.StartAsync();
        await cluster.OpenBreakerAsync("bank", Token);
        await Assert.ThrowsAsync<BrokenCircuitException>(() => cluster.Breakers.Get("bank").ExecuteAsync(_ => Task.FromResult(1), Token));
        await cluster.CloseBreakerAsync("bank", Token);
        Assert.Equal(1, await cluster.Breakers.Get("bank").ExecuteAsync(_ => Task.FromResult(1), Token));
    }

    [Fact]
    public async Task Key_OutlivesTheSilosThatKnewIt()
    {
        await using var cluster = await PatternsTestCluster.StartAsync();
        await cluster.Idempotency.ExecuteAsync("order-7", "payload", _ => Task.FromResult("first"), cancellationToken: Token);
        await cluster.KillSiloAsync();
        await cluster.KillSiloAsync();
        await cluster.StartSiloAsync();

        var again = cluster.Idempotency.ExecuteAsync("order-7", "payload", _ => Task.FromResult("second"), cancellationToken: Token);
        Assert.Equal("first", await cluster.AdvanceUntilAsync(again, cancellationToken: Token));
    }

    [Fact]
    public async Task Saga_WhoseSiloCrashesAndWhoseLastStepFails_IsUndone()
    {
        await using var cluster = await PatternsTestCluster.StartAsync(
            static options => options.ConfigureSilo(static silo => silo.AddSaga<CheckoutSaga, Checkout>()));
        using var crash = cluster.CrashStep<CheckoutSaga>("reserve");
        using var declined = cluster.FailStep<CheckoutSaga>("charge", new SagaRejectedException("The card is declined."));

        await cluster.Sagas.StartAsync<CheckoutSaga, Checkout>("order-7", new Checkout("sku-42"), Token);
        var status = await cluster.AdvanceUntilAsync(cluster.Sagas.WaitForCompletionAsync("order-7", Token), cancellationToken: Token);

        Assert.Equal(SagaPhase.Compensated, status.Phase);
        Assert.Equal((1, 1), (crash.Count, declined.Count));
    }
}
