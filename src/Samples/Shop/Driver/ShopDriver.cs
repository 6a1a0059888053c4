using OrleansPatterns.Testing.Postgres;
using Shop.Processes;

namespace Shop.Driver;

/// <summary>The whole demonstration: start everything, send orders, break things on the way, check the books.</summary>
internal static class ShopDriver
{
    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan NoticeTime = TimeSpan.FromSeconds(20);

    /// <returns>0 if the books balance, 1 if they do not or something could not be started, 130 after Ctrl+C.</returns>
    public static async Task<int> RunAsync(ShopOptions options, TimeProvider time)
    {
        using var interrupted = new CancellationTokenSource();
        Console.CancelKeyPress += (_, key) =>
        {
            key.Cancel = true;
            interrupted.Cancel();
        };

        var display = new ProgressDisplay(time);
        try
        {
            return await RunAsync(options, display, time, interrupted.Token);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            display.Complain("Interrupted.");
            return 130;
        }
        catch (Exception exception) when (exception is LocalPostgresNotFoundException or LocalPostgresStartException or Npgsql.NpgsqlException)
        {
            display.Complain(exception.Message);
            return 1;
        }
    }

    private static async Task<int> RunAsync(ShopOptions options, ProgressDisplay display, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var postgres = await LocalPostgres.StartAsync(
            new LocalPostgresOptions { ConnectionString = options.ConnectionString }, cancellationToken);
        await using var books = await Books.OpenAsync(postgres.ConnectionString, cancellationToken);
        display.Say($"PostgreSQL: {postgres.Origin}.");

        await using var processes = new ShopProcesses(books.ConnectionString, time);
        processes.StartAll();
        display.Say($"Starting processes: {ShopProcesses.SiloCount} silos, 1 inventory, {ShopProcesses.PaymentCount} payments.");

        try
        {
            await using var cluster = await ClusterView.ConnectAsync(books.ConnectionString, processes.ClusterId, cancellationToken);
            await cluster.WaitUntilRegisteredAsync(cancellationToken).WaitAsync(StartTime, time, cancellationToken);
            display.Say($"All are registered. Sending {options.Orders} orders, some of them two or three times.");

            var startedAt = time.GetTimestamp();
            using var traffic = new OrderTraffic(OrderBook.Create(options), cluster.Registry, time);
            await books.StockUpAsync(traffic.Orders, cancellationToken);
            var mishaps = new Mishaps(processes, cluster, traffic.Orders.Count, display, time);
            await display.FollowAsync(traffic, traffic.RunAsync(answered => mishaps.AfterAsync(answered, cancellationToken), cancellationToken));
            await mishaps.WaitUntilNoticedAsync(NoticeTime, cancellationToken);

            var audit = await books.AuditAsync(traffic, cancellationToken);
            Report.Show(display, audit, traffic, mishaps, time.GetElapsedTime(startedAt));
            if (options.Stays && audit.IsBalanced)
            {
                using var night = new NightShift(cluster, books, display, time);
                await night.RunUntilAsync(cancellationToken);
            }

            return audit.IsBalanced ? 0 : 1;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            display.Complain($"The run broke off: {exception.Message} What the processes said last:");
            await processes.WriteLogsAsync(Console.Error, cancellationToken);
            return 1;
        }
    }
}
