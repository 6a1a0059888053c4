using OrleansPatterns.Discovery;
using Shop.Processes;

namespace Shop.Services;

/// <summary>Customers, who send an order each second, and each again with its key until it is answered.</summary>
internal sealed partial class CustomerService(IServiceRegistry registry, TimeProvider time, ILogger<CustomerService> logger) : BackgroundService
{
    private const decimal Price = 9.90m;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(ProcessSettings settings)
    {
        var builder = ServiceHost.CreateBuilder(settings);
        builder.UseClient(settings);
        builder.Logging.AddFilter(typeof(CustomerService).FullName, LogLevel.Information);
        builder.Services.AddHostedService<CustomerService>();

        var app = builder.Build();
        app.MapHealth();
        await app.RunAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var desk = new OrderDesk(registry, Patience);
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var article = Shelf.Articles[Random.Shared.Next(Shelf.Articles.Count)];
            var order = new PlaceOrder($"order-{Guid.NewGuid():N}", article, Quantity: 1, Price);
            while (await TryPlaceAsync(desk, order, stoppingToken) is false)
            {
                await timer.WaitForNextTickAsync(stoppingToken);
            }
        }
    }

    private async Task<bool> TryPlaceAsync(OrderDesk desk, PlaceOrder order, CancellationToken cancellationToken)
    {
        using var response = await desk.TryPlaceAsync(order, order.OrderId, cancellationToken);
        if (response is not { IsSuccessStatusCode: true })
        {
            LogUnanswered(order.OrderId, response is null ? "nobody" : $"{(int)response.StatusCode}");
            return false;
        }

        LogAnswered(order.OrderId, (await response.Content.ReadFromJsonAsync<OrderPlaced>(cancellationToken))?.Outcome);
        return true;
    }

    [LoggerMessage(1, LogLevel.Information, "{OrderId}: {Outcome}")]
    private partial void LogAnswered(string orderId, string? outcome);

    [LoggerMessage(2, LogLevel.Warning, "{OrderId} was answered by {Answer}; it is sent again.")]
    private partial void LogUnanswered(string orderId, string answer);
}
