using Npgsql;
using Orleans.Dashboard;
using OrleansPatterns.Sagas;
using OrleansPatterns.StandaloneSilo;
using Shop.Checkout;
using Shop.Driver;
using Shop.Processes;

namespace Shop.Services;

/// <summary>A silo, co-hosted with the order API: each order goes through its Idempotency-Key and becomes a saga.</summary>
internal static class OrderService
{
    /// <returns>0: it was asked to stop. 1: what the environment says of operators is not valid.</returns>
    public static async Task<int> RunAsync(ProcessSettings settings)
    {
        var builder = ServiceHost.CreateBuilder(settings, Roles.Orders);
        if (OperatorAccess.From(builder.Configuration, out var complaint) is not { } access)
        {
            await Console.Error.WriteLineAsync(complaint);
            return 1;
        }

        access.AddTo(builder.Services);
        builder.Services.AddHttpClient(ShopCalls.Client, http => http.Timeout = TimeSpan.FromSeconds(5));
        builder.Services.AddSingleton<ShopCalls>();
        builder.UseOrleans(silo => silo
            .ListenAs(settings)
            .UsePostgres(settings.ConnectionString)
            .AddOrleansPatterns()
            .AddIdempotentGrainCalls()
            .AddDashboard()
            .AddSaga<CheckoutSaga, CheckoutData>());

        var app = builder.Build();
        app.MapPost("/orders", PlaceAsync).WithIdempotency();
        app.MapHealth();
        if (access.IsGiven)
        {
            access.Guard(app.MapOrleansPatterns(ClusterView.ConsolePath));
            access.Guard(app.MapOrleansDashboard(ClusterView.DashboardPath));
        }

        await app.RunAsync();
        return 0;
    }

    private static ISiloBuilder ListenAs(this ISiloBuilder silo, ProcessSettings settings) => settings.Address is { } address
        ? silo.ConfigureEndpoints(address, settings.SiloPort, settings.GatewayPort)
        : silo.ConfigureEndpoints(settings.SiloPort, settings.GatewayPort);

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
