using Npgsql;
using Shop.Checkout;
using Shop.Processes;

namespace Shop.Services;

/// <summary>Charges customers. Every instance sometimes fails; one of them goes bad altogether when the driver says so.</summary>
internal static class PaymentService
{
    public static async Task RunAsync(ProcessSettings settings)
    {
        var builder = ServiceHost.CreateBuilder(settings, Roles.Payment);
        builder.UseClient(settings);

        var app = builder.Build();
        app.MapHealth();
        app.UseMiddleware<Unreliability>();
        app.MapPost("/charges", ChargeAsync).WithIdempotency();
        app.MapPost("/refunds", RefundAsync).WithIdempotency();
        await app.RunAsync();
    }

    private static async Task<IResult> ChargeAsync(
        Charge charge, NpgsqlDataSource database, ProcessSettings settings, CancellationToken cancellationToken)
    {
        if (OrderFate.CardIsDeclined(charge.OrderId))
        {
            return Results.Ok(new Answer(false, "The card was declined."));
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockOrderAsync(connection, charge.OrderId, cancellationToken);
        if (await connection.CountAsync(
            "select count(*) from voided where service = 'payment' and order_id = $1", cancellationToken, charge.OrderId) > 0)
        {
            return Results.Ok(new Answer(false, "The order was given up before this charge arrived."));
        }

        await connection.ExecuteAsync(
            "insert into payments (order_id, amount, instance) values ($1, $2, $3)",
            cancellationToken, charge.OrderId, charge.Amount, settings.Name);
        await transaction.CommitAsync(cancellationToken);
        return Results.Ok(new Answer(true));
    }

    private static async Task<IResult> RefundAsync(
        Charge charge, NpgsqlDataSource database, ProcessSettings settings, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockOrderAsync(connection, charge.OrderId, cancellationToken);
        await connection.ExecuteAsync(
            "insert into voided (service, order_id) values ('payment', $1) on conflict do nothing", cancellationToken, charge.OrderId);
        await connection.ExecuteAsync(
            """
            insert into payments (order_id, amount, instance)
            select order_id, -sum(amount), $2 from payments where order_id = $1 group by order_id having sum(amount) > 0
            """,
            cancellationToken, charge.OrderId, settings.Name);
        await transaction.CommitAsync(cancellationToken);
        return Results.Ok(new Answer(true));
    }

    /// <summary>A charge and the refund of the same order must see each other, whichever comes first.</summary>
    private static Task<int> LockOrderAsync(NpgsqlConnection connection, string orderId, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended($1, 0))", cancellationToken, orderId);
}
