using System.Collections.Concurrent;
using System.Net;
using OrleansPatterns.Discovery;
using Shop.Services;

namespace Shop.Driver;

/// <summary>The customers: send every order to whichever silo discovery names, and send it again with the same key until it is answered.</summary>
internal sealed class OrderTraffic(IReadOnlyList<Order> orders, IServiceRegistry registry, TimeProvider time) : IDisposable
{
    public const string Completed = "Completed";
    public const string Compensated = "Compensated";

    private const int Customers = 24;
    private const string ReplayedHeader = "Idempotent-Replayed";

    /// <summary>Each order of this many is afterwards sent once more with another amount under its old key.</summary>
    private const int OrdersPerForgery = 20;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(75);

    private readonly OrderDesk _desk = new(registry, TimeSpan.FromSeconds(20));
    private readonly ConcurrentDictionary<string, string> _outcomes = new();
    private long _answeredOrders;
    private long _requests;
    private long _replays;
    private long _retries;
    private long _forgeries;
    private long _forgeriesRefused;

    public IReadOnlyList<Order> Orders => orders;

    public long AnsweredOrders => Interlocked.Read(ref _answeredOrders);

    public long Requests => Interlocked.Read(ref _requests);

    public long Replays => Interlocked.Read(ref _replays);

    public long Retries => Interlocked.Read(ref _retries);

    public long Forgeries => Interlocked.Read(ref _forgeries);

    public long ForgeriesRefused => Interlocked.Read(ref _forgeriesRefused);

    /// <summary>What the customer was told, or <see langword="null"/>. Copies that were told different things are reported as such.</summary>
    public string? OutcomeOf(Order order) => _outcomes.GetValueOrDefault(order.Request.OrderId);

    public int Count(string outcome) => _outcomes.Values.Count(value => value == outcome);

    /// <param name="afterAsync">Called after each answered order with how many there are.</param>
    /// <param name="cancellationToken">Ends the traffic.</param>
    public Task RunAsync(Func<long, Task> afterAsync, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            orders.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = Customers, CancellationToken = cancellationToken },
            async (numbered, token) =>
            {
                var (index, order) = numbered;
                var copies = Enumerable.Range(0, order.Copies).Select(_ => SendUntilAnsweredAsync(order.Request, token));
                var outcomes = (await Task.WhenAll(copies)).Distinct().ToList();
                if (outcomes is [{ } outcome])
                {
                    _outcomes[order.Request.OrderId] = outcome;
                }
                else
                {
                    _outcomes[order.Request.OrderId] = string.Join(" and ", outcomes.Select(value => value ?? "no answer"));
                }

                if (index % OrdersPerForgery == 0)
                {
                    await ForgeAsync(order.Request, token);
                }

                await afterAsync(Interlocked.Increment(ref _answeredOrders));
            });

    public void Dispose() => _desk.Dispose();

    private async Task<string?> SendUntilAnsweredAsync(PlaceOrder order, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        var startedAt = time.GetTimestamp();
        while (time.GetElapsedTime(startedAt) < Patience)
        {
            using var response = await _desk.TryPlaceAsync(order, order.OrderId, cancellationToken);
            if (response is { IsSuccessStatusCode: true })
            {
                if (response.Headers.Contains(ReplayedHeader))
                {
                    Interlocked.Increment(ref _replays);
                }

                return (await response.Content.ReadFromJsonAsync<OrderPlaced>(cancellationToken))?.Outcome;
            }

            Interlocked.Increment(ref _retries);
            await Task.Delay(response?.Headers.RetryAfter?.Delta ?? RetryDelay, time, cancellationToken);
        }

        return null;
    }

    /// <summary>The same key with another amount must be refused by whoever answers.</summary>
    private async Task ForgeAsync(PlaceOrder order, CancellationToken cancellationToken)
    {
        using var response = await _desk.TryPlaceAsync(order with { Amount = order.Amount / 2 }, order.OrderId, cancellationToken);
        if (response is null)
        {
            return;
        }

        Interlocked.Increment(ref _forgeries);
        if (response.StatusCode == HttpStatusCode.UnprocessableEntity)
        {
            Interlocked.Increment(ref _forgeriesRefused);
        }
    }
}
