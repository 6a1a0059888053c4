using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Shop.Checkout;
using Shop.Processes;

namespace Shop.Services;

/// <summary>Holds the stock, and is the resource that the locks protect: it refuses a writer whose fencing token is older than one it has seen.</summary>
internal static class InventoryService
{
    public static async Task RunAsync(ProcessSettings settings)
    {
        var builder = ServiceHost.CreateBuilder(settings, Roles.Inventory);
        builder.Services.AddHostedService<Shelf>();
        builder.UseClient(settings);

        var app = builder.Build();
        app.MapHealth();
        app.UseMiddleware<Unreliability>();
        app.MapPost("/reservations", ReserveAsync).WithIdempotency();
        app.MapPost("/releases", ReleaseAsync).WithIdempotency();
        await app.RunAsync();
    }

    private static async Task<IResult> ReserveAsync(
        Reservation reservation,
        [FromHeader(Name = ShopCalls.FencingTokenHeader)] long fencingToken,
        NpgsqlDataSource database,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await transaction.TryFenceAsync(reservation.Sku, fencingToken, cancellationToken))
        {
            return StaleToken(reservation.Sku, fencingToken);
        }

        if (await connection.CountAsync(
            "select count(*) from voided where service = 'inventory' and order_id = $1", cancellationToken, reservation.OrderId) > 0)
        {
            return Results.Ok(new Answer(false, "The order was given up before this reservation arrived."));
        }

        var taken = await connection.ExecuteAsync(
            "update stock set available = available - $2 where sku = $1 and available >= $2",
            cancellationToken, reservation.Sku, reservation.Quantity);
        if (taken == 0)
        {
            return Results.Ok(new Answer(false, "Sold out."));
        }

        await connection.ExecuteAsync(
            "insert into stock_movements (order_id, sku, quantity, token) values ($1, $2, $3, $4)",
            cancellationToken, reservation.OrderId, reservation.Sku, reservation.Quantity, fencingToken);
        await transaction.CommitAsync(cancellationToken);
        return Results.Ok(new Answer(true));
    }

    /// <summary>Gives back what the order holds, which may be nothing: the reservation may never have happened, or arrive later and find the order voided.</summary>
    private static async Task<IResult> ReleaseAsync(
        Reservation reservation,
        [FromHeader(Name = ShopCalls.FencingTokenHeader)] long fencingToken,
        NpgsqlDataSource database,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await transaction.TryFenceAsync(reservation.Sku, fencingToken, cancellationToken))
        {
            return StaleToken(reservation.Sku, fencingToken);
        }

        await connection.ExecuteAsync(
            "insert into voided (service, order_id) values ('inventory', $1) on conflict do nothing", cancellationToken, reservation.OrderId);
        var held = await connection.CountAsync(
            "select coalesce(sum(quantity), 0) from stock_movements where order_id = $1", cancellationToken, reservation.OrderId);
        if (held > 0)
        {
            await connection.ExecuteAsync(
                "update stock set available = available + $2 where sku = $1", cancellationToken, reservation.Sku, (int)held);
            await connection.ExecuteAsync(
                "insert into stock_movements (order_id, sku, quantity, token) values ($1, $2, $3, $4)",
                cancellationToken, reservation.OrderId, reservation.Sku, -(int)held, fencingToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return Results.Ok(new Answer(true));
    }

    /// <summary>503 and not a refusal for good: the sender comes again with a lock, and so a token, that is current.</summary>
    private static IResult StaleToken(string sku, long fencingToken) =>
        Results.Text($"Fencing token {fencingToken} is older than one already seen for '{sku}'.", statusCode: StatusCodes.Status503ServiceUnavailable);
}
