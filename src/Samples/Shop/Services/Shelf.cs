using System.Globalization;
using Npgsql;
using Shop.Processes;

namespace Shop.Services;

/// <summary>The articles of a shop without a driver, in numbers that last. A driver stocks up itself, and not enough.</summary>
internal sealed class Shelf(NpgsqlDataSource database, ProcessSettings settings) : IHostedService
{
    private const int Count = 12;
    private const int Pieces = 1_000_000;

    public static IReadOnlyList<string> Articles { get; } =
        [.. Enumerable.Range(1, Count).Select(number => string.Create(CultureInfo.InvariantCulture, $"article-{number:D2}"))];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.IsDriven)
        {
            return;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        foreach (var article in Articles)
        {
            await connection.ExecuteAsync(
                "insert into stock (sku, initial, available) values ($1, $2, $2) on conflict do nothing", cancellationToken, article, Pieces);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
