using OrleansPatterns.Discovery;
using Shop.Checkout;
using Shop.Processes;

namespace Shop.Services;

/// <summary>Where customers send their orders: to whichever instance discovery names.</summary>
internal sealed class OrderDesk(IServiceRegistry registry, TimeSpan timeout) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = timeout };

    /// <returns><see langword="null"/> if nobody answered: there is no instance, the process is gone, or too slow.</returns>
    public async Task<HttpResponseMessage?> TryPlaceAsync(PlaceOrder order, string key, CancellationToken cancellationToken)
    {
        try
        {
            var instance = await registry.ResolveAsync(Roles.Orders, cancellationToken);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(instance.Endpoint, "/orders"))
            {
                Content = JsonContent.Create(order),
            };
            request.Headers.Add(ShopCalls.IdempotencyKeyHeader, key);
            return await _http.SendAsync(request, cancellationToken);
        }
        catch (Exception fault) when (fault is HttpRequestException or ServiceNotFoundException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
