using Npgsql;
using Shop.Services;

namespace Shop.Driver;

/// <summary>The shop's tables, in a schema of their own that goes when the run ends; Orleans' tables live there too.</summary>
internal sealed class Books : IAsyncDisposable
{
    /// <summary>Of a hundred pieces that are asked for, this many are there: some orders must find an article sold out.</summary>
    private const int StockPercent = 95;

    private readonly NpgsqlDataSource _database;
    private readonly string _schema;

    private Books(string connectionString, string schema)
    {
        _schema = schema;
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = schema }.ConnectionString;
        _database = NpgsqlDataSource.Create(ConnectionString);
    }

    /// <summary>Leads every process into the schema of this run.</summary>
    public string ConnectionString { get; }

    public static async Task<Books> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var books = new Books(connectionString, $"shop_{Guid.NewGuid():N}");
        await ShopTables.CreateAsync(books._database, $"create schema {books._schema}; ", cancellationToken);
        return books;
    }

    public async Task StockUpAsync(IReadOnlyList<Order> orders, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        foreach (var article in orders.GroupBy(order => order.Request.Sku))
        {
            var pieces = Math.Max(1, article.Sum(order => order.Request.Quantity) * StockPercent / 100);
            await StockUpAsync(connection, article.Key, pieces, cancellationToken);
        }
    }

    public async Task StockUpAsync(string sku, int pieces, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await StockUpAsync(connection, sku, pieces, cancellationToken);
    }

    private static Task<int> StockUpAsync(NpgsqlConnection connection, string sku, int pieces, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("insert into stock (sku, initial, available) values ($1, $2, $2)", cancellationToken, sku, pieces);

    /// <summary>Reads everything back and compares it with what the customers were told.</summary>
    public async Task<Audit> AuditAsync(OrderTraffic traffic, CancellationToken cancellationToken)
    {
        var articles = await ReadAsync(
            """
            select s.sku, s.initial, s.available,
                   coalesce((select f.last_token from orleanspatterns_fencing f where f.resource = s.sku), 0),
                   coalesce((select sum(m.quantity) from stock_movements m where m.sku = s.sku), 0),
                   coalesce((select sum(p.quantity) from shipments p where p.sku = s.sku), 0)
            from stock s order by s.sku
            """,
            row => new ArticleBook(row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5)),
            cancellationToken);

        var orders = await ReadAsync(
            """
            select o.order_id,
                   (select count(*) from payments p where p.order_id = o.order_id and p.amount > 0),
                   coalesce((select sum(p.amount) from payments p where p.order_id = o.order_id), 0),
                   (select count(*) from stock_movements m where m.order_id = o.order_id and m.quantity > 0),
                   coalesce((select sum(m.quantity) from stock_movements m where m.order_id = o.order_id), 0),
                   (select count(*) from shipments s where s.order_id = o.order_id),
                   (select count(*) from handler_runs h where h.order_id = o.order_id)
            from unnest($1) as o (order_id)
            """,
            row => new OrderBooked(
                row.GetString(0), row.GetInt64(1), row.GetDecimal(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6)),
            cancellationToken,
            (object)traffic.Orders.Select(order => order.Request.OrderId).ToArray());

        var sagas = await ReadAsync(
            "select status, count(*) from orleanspatterns_catalog where pattern = 'saga' group by status order by status",
            row => (Status: row.GetString(0), Count: row.GetInt64(1)),
            cancellationToken);

        return Audit.Of(articles, orders, sagas, traffic);
    }

    public async ValueTask DisposeAsync()
    {
        await using (var command = _database.CreateCommand($"drop schema {_schema} cascade"))
        {
            await command.ExecuteNonQueryAsync();
        }

        await _database.DisposeAsync();
    }

    private async Task<IReadOnlyList<T>> ReadAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = _database.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
