using System.Globalization;
using Medallion.Threading;
using Shop.Checkout;
using Shop.Processes;
using Shop.Services;

namespace Shop.Driver;

/// <summary>The shop stays open, with some trouble for an operator to find and see to in the console.</summary>
internal sealed class NightShift(ClusterView cluster, Books books, ProgressDisplay display, TimeProvider time) : IDisposable
{
    private const string Article = "article-night";
    private const int Pieces = 1_000_000;
    private const string Stocktaking = "stocktaking";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly OrderDesk _desk = new(cluster.Registry, TimeSpan.FromMinutes(1));

    /// <summary>Goes on until it is interrupted, which is how the night ends.</summary>
    public async Task RunUntilAsync(CancellationToken interrupted)
    {
        try
        {
            await RunAsync(interrupted);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            display.Say("The shop closes.");
        }
    }

    public void Dispose() => _desk.Dispose();

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await books.StockUpAsync(Article, Pieces, cancellationToken);
        await using var held = await cluster.Locks.AcquireLockAsync(Stocktaking, cancellationToken: cancellationToken);
        var waiting = WaitInVainAsync(cancellationToken);
        var stuck = Enumerable.Range(1, int.MaxValue).Select(OrderId).First(OrderFate.BankIsClosed);
        await PlaceAsync(stuck, cancellationToken);

        var address = (await cluster.Registry.ResolveAsync(Roles.Orders, cancellationToken)).Endpoint;
        display.Say($"The shop stays open until Ctrl+C. Order '{stuck}' is stuck, lock '{Stocktaking}' is held, an order comes each second.");
        display.Say($"Console:   {new Uri(address, ClusterView.ConsolePath)}/");
        display.Say($"Dashboard: {new Uri(address, ClusterView.DashboardPath)}/");
        using var timer = new PeriodicTimer(Pause, time);
        for (var number = 1; await timer.WaitForNextTickAsync(cancellationToken); number++)
        {
            // Whatever goes wrong with one of these, an operator has done.
            if (!OrderFate.IsUndeliverable(OrderId(number)) && !OrderFate.CardIsDeclined(OrderId(number)))
            {
                await PlaceAsync(OrderId(number), cancellationToken);
            }
        }

        await waiting;
    }

    private static string OrderId(int number) => string.Create(CultureInfo.InvariantCulture, $"{OrderFate.NightPrefix}{number:D5}");

    /// <summary>Gets the lock only if an operator breaks it.</summary>
    private async Task WaitInVainAsync(CancellationToken cancellationToken)
    {
        await using var next = await cluster.Locks.AcquireLockAsync(Stocktaking, cancellationToken: cancellationToken);
        display.Say($"Lock '{Stocktaking}' has passed on.");
        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
    }

    /// <summary>The operator may have stopped whatever it wanted; the next order comes all the same.</summary>
    private async Task PlaceAsync(string orderId, CancellationToken cancellationToken) =>
        (await _desk.TryPlaceAsync(new PlaceOrder(orderId, Article, 1, 9.90m), orderId, cancellationToken))?.Dispose();
}
