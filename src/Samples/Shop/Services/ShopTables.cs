using Npgsql;

namespace Shop.Services;

/// <summary>The tables of the shop. Whoever starts first creates them, and the others find them.</summary>
internal sealed class ShopTables(NpgsqlDataSource database) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => CreateAsync(database, before: "", cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <param name="database">Where to.</param>
    /// <param name="before">What to do first, in the same transaction.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task CreateAsync(NpgsqlDataSource database, string before, CancellationToken cancellationToken)
    {
        using var resource = new StreamReader(typeof(ShopTables).Assembly.GetManifestResourceStream("shop.sql")!);
        await using var command = database.CreateCommand(before + await resource.ReadToEndAsync(cancellationToken));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
