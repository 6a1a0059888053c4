using System.Globalization;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Sagas;
using Shop.Processes;
using Shop.Services;

namespace Shop.Checkout;

/// <summary>Calls to the other services: found by discovery, guarded by a breaker for each instance, repeatable by their key.</summary>
internal sealed class ShopCalls(IServiceRegistry registry, ICircuitBreakerProvider breakers, IHttpClientFactory clients)
{
    public const string Client = "shop";
    public const string IdempotencyKeyHeader = "Idempotency-Key";
    public const string FencingTokenHeader = "Fencing-Token";

    /// <summary>The breaker of one instance: a bad one must not cut off the good ones.</summary>
    public static string BreakerName(string service, ServiceInstance instance) => $"{service}@{instance.Endpoint.Authority}";

    public Task ReserveAsync(Reservation reservation, long fencingToken, string key, CancellationToken cancellationToken) =>
        PostAsync(Roles.Inventory, "/reservations", reservation, key, fencingToken, cancellationToken);

    public Task ReleaseAsync(Reservation reservation, long fencingToken, string key, CancellationToken cancellationToken) =>
        PostAsync(Roles.Inventory, "/releases", reservation, key, fencingToken, cancellationToken);

    public Task ChargeAsync(Charge charge, string key, CancellationToken cancellationToken) =>
        PostAsync(Roles.Payment, "/charges", charge, key, fencingToken: null, cancellationToken);

    public Task RefundAsync(Charge charge, string key, CancellationToken cancellationToken) =>
        PostAsync(Roles.Payment, "/refunds", charge, key, fencingToken: null, cancellationToken);

    /// <exception cref="SagaRejectedException">The service said a no that no retry will change.</exception>
    private async Task PostAsync<TBody>(
        string service, string path, TBody body, string key, long? fencingToken, CancellationToken cancellationToken)
    {
        // While every instance's breaker is open, any will do: its breaker then says so, or lets a probe through.
        var instance = await registry.TryResolveAsync(service, candidate => !IsOpen(service, candidate), cancellationToken: cancellationToken)
            ?? await registry.ResolveAsync(service, cancellationToken);

        var answer = await breakers.Get(BreakerName(service, instance)).ExecuteAsync(
            async token =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(instance.Endpoint, path))
                {
                    Content = JsonContent.Create(body),
                };
                request.Headers.Add(IdempotencyKeyHeader, key);
                if (fencingToken is { } value)
                {
                    request.Headers.Add(FencingTokenHeader, value.ToString(CultureInfo.InvariantCulture));
                }

                using var client = clients.CreateClient(Client);
                using var response = await client.SendAsync(request, token);
                response.EnsureSuccessStatusCode();
                return await response.Content.ReadFromJsonAsync<Answer>(token);
            },
            cancellationToken);

        if (answer is not { Accepted: true })
        {
            throw new SagaRejectedException(answer?.Reason ?? $"{service} gave no answer.");
        }
    }

    private bool IsOpen(string service, ServiceInstance instance) =>
        breakers.Get(BreakerName(service, instance)).State is BreakerState.Open or BreakerState.Isolated;
}
