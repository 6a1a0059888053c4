#pragma warning disable CA1822, IDE0059 // The code is what a reader sees: short, and not used further.

using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;
using OrleansPatterns.Testing;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>The examples of <c>docs/testing.md</c>: each region is one, word by word.</summary>
internal sealed class TestingExamples
{
    internal async Task StartAsync()
    {
        #region TESTING-START
        await using var cluster = await PatternsTestCluster.StartAsync();

        await using var handle = await cluster.Locks.AcquireLockAsync("sku-42");
        var status = await cluster.Service<ILockOperations>().GetStatusAsync("sku-42");
        #endregion
    }

    internal async Task ConfigureAsync(FakeBank bank)
    {
        #region TESTING-CONFIGURE
        await using var cluster = await PatternsTestCluster.StartAsync(options =>
        {
            options.Silos = 3;
            options.ConfigureSilo(silo =>
            {
                silo.Services.AddSingleton<IBank>(bank);
                silo.AddSaga<TransferSaga, Transfer>();
            });
            options.ConfigureClient(client => client.Services.Configure<LockOptions>(locks => locks.Lease = TimeSpan.FromSeconds(5)));
        });
        #endregion
    }

    internal async Task TimeAsync(PatternsTestCluster cluster)
    {
        #region TESTING-TIME
        await cluster.AdvanceAsync(TimeSpan.FromMinutes(1));
        cluster.Time.Advance(TimeSpan.FromDays(30));

        await cluster.Sagas.StartAsync<TransferSaga, Transfer>("transfer-7", new Transfer("a", "b", 10));
        var status = await cluster.AdvanceUntilAsync(cluster.Sagas.WaitForCompletionAsync("transfer-7"));
        #endregion
    }

    internal async Task LeasesAsync(PatternsTestCluster cluster, Uri address)
    {
        #region TESTING-LEASES
        await using var silent = await cluster.Locks.AcquireLockAsync("sku-42");
        var waiting = cluster.Locks.AcquireLockAsync("sku-42").AsTask();

        await cluster.ExpireLockAsync("sku-42");

        Assert.True(silent.HandleLostToken.IsCancellationRequested);
        await using var next = await cluster.AdvanceUntilAsync(waiting);
        Assert.True(next.FencingToken > silent.FencingToken);
        #endregion
    }

    internal async Task OtherLeasesAsync(PatternsTestCluster cluster, string instanceId)
    {
        #region TESTING-OTHER-LEASES
        await cluster.ExpireExecutionAsync("payment-7");
        await cluster.ExpireInstanceAsync("payments", instanceId);
        #endregion
    }

    internal async Task BreakersAsync(PatternsTestCluster cluster)
    {
        #region TESTING-BREAKERS
        await cluster.OpenBreakerAsync("payments");
        await cluster.HalfOpenBreakerAsync("payments");
        await cluster.IsolateBreakerAsync("payments");
        await cluster.CloseBreakerAsync("payments");
        #endregion
    }

    internal async Task FaultsAsync(PatternsTestCluster cluster, FakeBank bank)
    {
        #region TESTING-FAULTS
        using var lost = cluster.FailStep<TransferSaga>(
            "deposit", new TimeoutException("The answer was lost."), attempts: 1, SagaFaultPoint.AfterStep);

        await cluster.Sagas.StartAsync<TransferSaga, Transfer>("transfer-8", new Transfer("a", "b", 10));
        await cluster.AdvanceUntilAsync(cluster.Sagas.WaitForCompletionAsync("transfer-8"));

        Assert.Equal(1, lost.Count);
        Assert.Equal(10, bank.BalanceOf("b"));
        #endregion
    }

    internal async Task StuckAsync(PatternsTestCluster cluster)
    {
        #region TESTING-STUCK
        using var no = cluster.FailStep<TransferSaga>("deposit", new SagaRejectedException("The account is closed."));
        using (cluster.FailCompensation<TransferSaga>("withdraw", new HttpRequestException("The bank is down.")))
        {
            await cluster.Sagas.StartAsync<TransferSaga, Transfer>("transfer-9", new Transfer("a", "b", 10));
            var stuck = await cluster.AdvanceUntilAsync(cluster.Sagas.WaitForCompletionAsync("transfer-9"));
            Assert.Equal(SagaPhase.Stuck, stuck.Phase);
        }

        await cluster.Service<ISagaOperations>().RetryAsync("transfer-9", "ops", "The bank is back.");
        #endregion
    }

    internal async Task CrashesAsync(PatternsTestCluster cluster)
    {
        #region TESTING-CRASHES
        using var crash = cluster.CrashStep<TransferSaga>("deposit");
        await cluster.Sagas.StartAsync<TransferSaga, Transfer>("transfer-10", new Transfer("a", "b", 10));
        var status = await cluster.AdvanceUntilAsync(cluster.Sagas.WaitForCompletionAsync("transfer-10"));
        Assert.Equal(SagaPhase.Completed, status.Phase);

        await cluster.StartSiloAsync();
        await cluster.KillSiloAsync();
        #endregion
    }

    internal async Task OwnClusterAsync(TimeProvider time)
    {
        #region TESTING-OWN-CLUSTER
        await using var testCluster = new TestClusterBuilder(initialSilosCount: 2).AddOrleansPatterns(time).Build();
        await testCluster.DeployAsync();
        var cluster = testCluster.AsPatternsTestCluster();
        #endregion
    }
}

internal interface IBank
{
    Task MoveAsync(string account, decimal amount, string idempotencyKey, CancellationToken cancellationToken);
}

internal abstract class FakeBank : IBank
{
    public abstract Task MoveAsync(string account, decimal amount, string idempotencyKey, CancellationToken cancellationToken);

    internal abstract decimal BalanceOf(string account);
}

internal sealed record Transfer(string From, string To, decimal Amount);

internal sealed class TransferSaga(IBank bank) : Saga<Transfer>
{
    protected override void Define(ISagaBuilder<Transfer> saga)
    {
        saga.Step("withdraw")
            .Do((step, token) => bank.MoveAsync(step.Data.From, -step.Data.Amount, step.IdempotencyKey, token))
            .Compensate((step, token) => bank.MoveAsync(step.Data.From, step.Data.Amount, $"{step.IdempotencyKey}/undo", token));
        saga.Step("deposit").Do((step, token) => bank.MoveAsync(step.Data.To, step.Data.Amount, step.IdempotencyKey, token));
    }
}
