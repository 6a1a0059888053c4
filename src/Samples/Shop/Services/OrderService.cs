using System.Net;
using Npgsql;
using Orleans.Configuration;
using Orleans.Dashboard;
using OrleansPatterns.Sagas;
using Shop.Checkout;
using Shop.Driver;
using Shop.Processes;

namespace Shop.Services;

/// <summary>A silo, co-hosted with the order API: each order goes through its Idempotency-Key and becomes a saga.</summary>
internal static class OrderService
{
    public static async Task RunAsync(ProcessSettings settings)
    {
        var builder = ServiceHost.CreateBuilder(settings, Roles.Orders);
        builder.Services.TunePatterns();
        builder.Services.AddHttpClient(ShopCalls.Client, http => http.Timeout = TimeSpan.FromSeconds(5));
        builder.Services.AddSingleton<ShopCalls>();
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(cluster => ShopCluster.Name(cluster, settings.ClusterId))
            .Configure<ClusterMembershipOptions>(ShopCluster.TuneMembership)
            .ConfigureEndpoints(IPAddress.Loopback, settings.SiloPort, settings.GatewayPort, listenOnAnyHostAddress: false)
            .UsePostgres(settings.ConnectionString)
            .AddOrleansPatterns()
            .AddIdempotentGrainCalls()
            .AddDashboard()
            .AddSaga<CheckoutSaga, CheckoutData>());

        var app = builder.Build();
        app.MapPost("/orders", PlaceAsync).WithIdempotency();

        // The demonstration answers on the loopback address only, so whoever gets here may see and steer it. A real shop says .RequireAuthorization(...).
        app.MapOrleansPatterns(ClusterView.ConsolePath).AllowAnonymous();
        app.MapOrleansDashboard(ClusterView.DashboardPath).AllowAnonymous();
        await app.RunAsync();
    }

    private static async Task<IResult> PlaceAsync(
        PlaceOrder order, ISagaClient sagas, NpgsqlDataSource database, ProcessSettings settings, CancellationToken cancellationToken)
    {
        await using (var command = database.CreateCommand("insert into handler_runs (order_id, silo) values ($1, $2)"))
        {
            command.Parameters.AddWithValue(order.OrderId);
            command.Parameters.AddWithValue(settings.Name);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var data = new CheckoutData { OrderId = order.OrderId, Sku = order.Sku, Quantity = order.Quantity, Amount = order.Amount };
        await sagas.StartAsync<CheckoutSaga, CheckoutData>(order.OrderId, data, cancellationToken);
        var status = await sagas.WaitForCompletionAsync(order.OrderId, cancellationToken);
        return Results.Ok(new OrderPlaced(order.OrderId, status.Phase.ToString()));
    }
}
