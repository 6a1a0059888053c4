using System.Text.Json.Nodes;
using OrleansPatterns.Catalog;
using OrleansPatterns.Postgres.Catalog;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>How many rows PostgreSQL looks at for a page, with 100,000 sagas: what a page costs, whatever else the machine does.</summary>
public sealed class CatalogListPlanTests(CatalogListPlanTests.LargeCatalog large) : IClassFixture<CatalogListPlanTests.LargeCatalog>
{
    private const string Service = "large";
    private const int PageSize = 51;

    private static CatalogQuery All => new() { Pattern = "saga", MaxCount = PageSize };

    private static Dictionary<string, (CatalogQuery Query, int Bound)> Queries { get; } = new()
    {
        ["first page of all"] = (All, 500),
        ["first page of one status"] = (All with { Statuses = ["Completed"] }, 200),
        ["first page of what needs attention"] = (All with { Statuses = ["Stuck", "Parked"] }, 300),
        ["first page of a status that nobody has"] = (All with { Statuses = ["None"] }, 0),
        ["page in the middle"] = (All with { After = new CatalogCursor(LargeCatalog.Latest - TimeSpan.FromSeconds(50_000), "order-1").ToString() }, 500),
        ["first page of one definition that half have"] = (All with { SummaryContains = """{"definition":"checkout"}""" }, 5_000),
        ["first page of one definition that few have"] = (All with { SummaryContains = """{"definition":"rare"}""" }, 5_000),
        ["first page by an attribute"] = (All with { SummaryContains = """{"attributes":{"sku":"article-7"}}""" }, 5_000),
        ["first page by part of an id that many have"] = (All with { KeyContains = "order-" }, 500),
        ["the one of an id"] = (All with { KeyContains = "order-77777" }, 100_100),
        ["first page of those that are an hour old"] = (All with { MinAge = TimeSpan.FromHours(1) }, 10_000),
    };

    public static TheoryData<string> Pages => [.. Queries.Keys];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_CostsAboutItsOwnLength(string page)
    {
        var (query, bound) = Queries[page];
        var rows = await LookAsync(page, new CatalogListStatement(Service, query, isAmongLatest: query.SummaryContains is not null));
        if (rows.Given < query.MaxCount && query.SummaryContains is not null)
        {
            var all = await LookAsync(page, new CatalogListStatement(Service, query));
            rows = (all.Given, rows.LookedAt + all.LookedAt);
        }

        Assert.True(rows.LookedAt <= bound, $"{page}: {rows.LookedAt} rows were looked at, and not {bound} at the most.");
    }

    private async Task<(double Given, double LookedAt)> LookAsync(string page, CatalogListStatement statement)
    {
        await using var command = large.Database.DataSource.CreateCommand($"explain (analyze, format json) {statement.Text}");
        command.Parameters.AddRange(statement.Parameters.ToArray());
        var plan = JsonNode.Parse((string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!)![0]!["Plan"]!;
        TestContext.Current.TestOutputHelper?.WriteLine($"{page}: {plan["Actual Total Time"]} ms\n{plan}");
        return (plan["Actual Rows"]!.GetValue<double>(), RowsOf(plan));
    }

    /// <summary>Rows that scans gave or threw away.</summary>
    private static double RowsOf(JsonNode plan)
    {
        var own = plan["Node Type"]!.GetValue<string>().Contains("Scan", StringComparison.Ordinal)
            ? (plan["Actual Rows"]!.GetValue<double>() + (plan["Rows Removed by Filter"]?.GetValue<double>() ?? 0)) * plan["Actual Loops"]!.GetValue<double>()
            : 0;
        return own + (plan["Plans"]?.AsArray().Sum(child => RowsOf(child!)) ?? 0);
    }

    public sealed class LargeCatalog(PostgresServer server) : IAsyncLifetime
    {
        internal static readonly DateTimeOffset Latest = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        internal MigratedDatabase Database { get; } = new(server);

        public async ValueTask InitializeAsync()
        {
            await Database.InitializeAsync();
            await Database.DataSource.ExecuteAsync(
                $$"""
                insert into orleanspatterns_catalog (service_id, pattern, key, status, summary, version, updated_at, created_at)
                select '{{Service}}', 'saga', 'order-' || n,
                    case when n % 1000 = 0 then 'Stuck' when n % 1000 = 1 then 'Parked' when n % 50 = 2 then 'Running' when n % 20 = 3 then 'Compensated' else 'Completed' end,
                    jsonb_build_object(
                        'definition', case when n % 10000 = 5 then 'rare' when n % 2 = 0 then 'checkout' else 'return' end,
                        'version', 1, 'reason', null, 'steps', '[]'::jsonb, 'attributes', jsonb_build_object('sku', 'article-' || n % 100)),
                    1, timestamptz '{{Latest:O}}' - n * interval '1 second', timestamptz '{{Latest:O}}' - n * interval '1 second'
                from generate_series(1, 100000) as n
                """);
            await Database.DataSource.ExecuteAsync("vacuum analyze orleanspatterns_catalog");
        }

        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }
}
