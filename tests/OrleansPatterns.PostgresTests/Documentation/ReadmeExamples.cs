#pragma warning disable CA1822, CA2000, IDE0059 // The code is what a reader sees: short, and not used further.

using Medallion.Threading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;
using OrleansPatterns.Testing;
using Polly;
using Polly.Retry;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>The README's examples: each region is one, word by word, see <see cref="ExampleTests"/>.</summary>
internal sealed class ReadmeExamples
{
    internal async Task CoHostedAsync(string[] args, string connectionString)
    {
        #region CO-HOSTED
        var builder = WebApplication.CreateBuilder(args);
        builder.UseOrleans(silo => silo
            .UsePostgres(connectionString)
            .AddOrleansPatterns()
            .AddSaga<CheckoutSaga, Checkout>());
        builder.Services.AddServiceRegistration("orders");

        var app = builder.Build();
        app.MapPost("/orders", (Checkout order) => Results.Ok(order)).WithIdempotency();
        app.MapOrleansPatterns("/patterns").RequireAuthorization("operators");
        await app.RunAsync();
        #endregion
    }

    internal async Task ClientAsync(string[] args, string connectionString)
    {
        #region CLIENT
        var builder = Host.CreateApplicationBuilder(args);
        builder.UseOrleansClient(client => client
            .UsePostgres(connectionString)
            .AddOrleansPatterns());
        await builder.Build().RunAsync();
        #endregion
    }

    internal async Task TestClusterAsync()
    {
        #region TESTCLUSTER
        await using var cluster = await PatternsTestCluster.StartAsync();
        #endregion
    }

    internal async Task DiscoveryAsync(IServiceRegistry registry, HttpClient http)
    {
        #region DISCOVERY
        await using var registration = await registry.RegisterAsync("payments", new Uri("http://10.0.0.7:8080"));

        var instance = await registry.ResolveAsync("payments");
        var health = await http.GetStringAsync(new Uri(instance.Endpoint, "/health"));
        #endregion
    }

    internal void DiscoveryOverHttp(IServiceCollection services)
    {
        #region DISCOVERY-HTTP
        services.AddServiceRegistration("orders");
        services.AddHttpClient<OrdersClient>(client => client.BaseAddress = new Uri("http://orders")).AddClusterServiceDiscovery();
        services.AddClusterServiceEndpointProvider();
        #endregion
    }

    internal async Task BreakerAsync(ICircuitBreakerProvider breakers, HttpClient http, CancellationToken cancellationToken)
    {
        #region BREAKER
        var answer = await breakers.Get("payments").ExecuteAsync(
            token => http.GetStringAsync("https://payments.example/status", token), cancellationToken);
        #endregion
    }

    internal ResiliencePipeline<int> BreakerPipeline(IServiceCollection services, ICircuitBreakerProvider breakers)
    {
        #region BREAKER-PIPELINE
        services.AddHttpClient("payments", client => client.BaseAddress = new Uri("https://payments.example")).AddClusterCircuitBreaker();

        var pipeline = new ResiliencePipelineBuilder<int>()
            .AddRetry(new RetryStrategyOptions<int>())
            .AddClusterCircuitBreaker(breakers.Get("payments"))
            .Build();
        #endregion
        return pipeline;
    }

    internal async Task HoldAsync(ICircuitBreakerProvider breakers)
    {
        #region BREAKER-HOLD
        await breakers.Get("payments").HoldAsync(
            new BreakerOverride { State = BreakerState.Isolated, Reason = "moving house", ExpiresAfter = TimeSpan.FromHours(1) });
        #endregion
    }

    internal async Task LockAsync(
        IDistributedLockProvider locks, Warehouse warehouse, NpgsqlTransaction transaction, long fencingToken)
    {
        #region LOCK
        await using var handle = await locks.AcquireLockAsync("sku-42");
        await warehouse.ReserveAsync("sku-42", handle.FencingToken, handle.HandleLostToken);

        // In the warehouse, in the transaction that writes the stock, first of all:
        await transaction.RequireFencingTokenAsync("sku-42", fencingToken);
        #endregion
    }

    internal async Task IdempotencyAsync(
        IIdempotencyStore idempotency, Payments payments, Payment payment, NpgsqlDataSource database, OrderTable orders, string orderId, Checkout order)
    {
        #region IDEMPOTENCY
        var receipt = await idempotency.ExecuteAsync(payment.Id, RequestFingerprint.Of(payment), token => payments.ChargeAsync(payment.Id, token));
        await idempotency.ExecuteInTransactionAsync(
            orderId, RequestFingerprint.Of(order), database, (transaction, token) => orders.InsertAsync(transaction, order, token));
        #endregion
    }

    internal async Task SagaAsync(ISagaClient sagas)
    {
        #region SAGA-START
        await sagas.StartAsync<CheckoutSaga, Checkout>("order-7", new Checkout("sku-42", 2));
        var status = await sagas.WaitForCompletionAsync("order-7");
        #endregion
    }
}

#region SAGA
internal sealed class CheckoutSaga(Warehouse warehouse, Payments payments) : Saga<Checkout>
{
    protected override void Define(ISagaBuilder<Checkout> saga)
    {
        saga.Step("reserve")
            .Do((step, token) => warehouse.ReserveAsync(step.Data.Sku, step.IdempotencyKey, token))
            .Compensate((step, token) => warehouse.ReleaseAsync(step.Data.Sku, step.IdempotencyKey, token));
        saga.WaitFor<Approval>("approved").Deadline(TimeSpan.FromDays(2)).When(order => order.Quantity > 100);
        saga.Step("charge").Pivot().Do((step, token) => payments.ChargeAsync(step.IdempotencyKey, token));
    }
}
#endregion

internal sealed record Checkout(string Sku, int Quantity);

internal sealed record Approval(string By);

internal abstract class Warehouse
{
    internal abstract Task ReserveAsync(string sku, long fencingToken, CancellationToken cancellationToken);

    internal abstract Task ReserveAsync(string sku, string idempotencyKey, CancellationToken cancellationToken);

    internal abstract Task ReleaseAsync(string sku, string idempotencyKey, CancellationToken cancellationToken);
}

internal abstract class Payments
{
    internal abstract Task<string> ChargeAsync(string idempotencyKey, CancellationToken cancellationToken);
}

internal sealed record Payment(string Id, decimal Amount);

internal abstract class OrderTable
{
    internal abstract Task<int> InsertAsync(NpgsqlTransaction transaction, Checkout order, CancellationToken cancellationToken);
}

internal sealed class OrdersClient(HttpClient http)
{
    internal Task<string> StatusAsync() => http.GetStringAsync(new Uri("/status", UriKind.Relative));
}
