#pragma warning disable CA1822, IDE0059 // The code is what a reader sees: short, and not used further.

using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.Locks;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>The examples of <c>docs/locks.md</c>, see <see cref="ExampleTests"/>.</summary>
internal sealed class LocksExamples
{
    internal interface IReport
    {
        Task WriteAsync(long fencingToken, CancellationToken cancellationToken);
    }

    internal async Task FirstAsync(IDistributedLockProvider locks, IReport report, CancellationToken cancellationToken)
    {
        #region LOCKS-FIRST
        await using var handle = await locks.AcquireLockAsync("nightly-report", TimeSpan.FromSeconds(30), cancellationToken);
        using var work = CancellationTokenSource.CreateLinkedTokenSource(handle.HandleLostToken, cancellationToken);
        await report.WriteAsync(handle.FencingToken, work.Token);
        #endregion
    }

    internal async Task TryAsync(IDistributedLockProvider locks)
    {
        #region LOCKS-TRY
        await using var handle = await locks.TryAcquireLockAsync("nightly-report");
        if (handle is null)
        {
            return; // Another process is at it.
        }
        #endregion
    }

    internal async Task FenceAsync(NpgsqlDataSource warehouse, long fencingToken, CancellationToken cancellationToken)
    {
        #region LOCKS-FENCING
        await using var connection = await warehouse.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await transaction.RequireFencingTokenAsync("sku-42", fencingToken, cancellationToken);

        await using var update = new NpgsqlCommand("update stock set available = available - 1 where sku = 'sku-42'", connection, transaction);
        await update.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        #endregion
    }

    internal async Task OtherKindsAsync(
        IDistributedUpgradeableReaderWriterLockProvider priceLocks, IDistributedSemaphoreProvider semaphores, IDistributedLockProvider locks)
    {
        #region LOCKS-OTHER-KINDS
        await using (await priceLocks.AcquireReadLockAsync("prices"))
        {
            // Beside other readers, and beside nobody who writes.
        }

        await using (var reader = await priceLocks.AcquireUpgradeableReadLockAsync("prices"))
        {
            // Beside other readers, but only one may upgrade: two never wait for each other.
            await reader.UpgradeToWriteLockAsync();
        }

        await using (await semaphores.AcquireSemaphoreAsync("printers", maxCount: 3))
        {
            // One of three at a time.
        }

        await using (var set = await locks.AcquireLocksInOrderAsync(["sku-42", "sku-7"]))
        {
            var token = set.FencingTokens["sku-7"];
        }
        #endregion
    }

    internal void Configure(IServiceCollection services)
    {
        #region LOCKS-OPTIONS
        services.Configure<LockOptions>(options => options.Durability = LockDurability.WriteThrough);
        #endregion
    }

    internal async Task OperateAsync(ILockOperations operations)
    {
        #region LOCKS-OPERATIONS
        var status = await operations.GetStatusAsync("sku-42");
        var broken = await operations.BreakAsync("sku-42", status.Holders[0].FencingToken);
        #endregion
    }

    internal async Task MigrateAsync(
        IServiceCollection services, IDistributedLockProvider postgresLocks, [FromKeyedServices("before")] IDistributedLockProvider before, IDistributedLockProvider locks)
    {
        #region LOCKS-MIGRATION
        services.AddKeyedSingleton("before", postgresLocks);

        // Both, the old one first, in every process and everywhere in this order:
        await using var old = await before.AcquireLockAsync("sku-42");
        await using var handle = await locks.AcquireLockAsync("sku-42");
        #endregion
    }
}
