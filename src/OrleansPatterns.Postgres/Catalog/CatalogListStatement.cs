using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Postgres.Catalog;

/// <summary>A query with those conditions only that were asked for, so that each plan can rest on them.</summary>
/// <remarks>
/// The latest rows of each status, and of these the latest: rows of one status stand in the index in the order wanted, those of all statuses do not. So
/// a page costs about its own length, however many rows there are. What summaries contain has an index that gives all rows at once, in no order: fine for
/// the few that the latest rows do not have, and slow for the many that they do. So the latest are looked at first.
/// </remarks>
internal sealed class CatalogListStatement
{
    internal const int LatestCount = 500;

    private const string LatestFirst = "order by updated_at desc, key desc limit";

    private readonly List<NpgsqlParameter> _parameters = [];

    /// <param name="serviceId">Whose rows.</param>
    /// <param name="query">Which.</param>
    /// <param name="isAmongLatest">Only among the latest <see cref="LatestCount"/> rows, whether they meet the conditions or not.</param>
    internal CatalogListStatement(string serviceId, CatalogQuery query, bool isAmongLatest = false)
    {
        // A literal: a plan that is kept for all values of a parameter cannot use the index that is on the rows of sagas only.
        var pattern = query.Pattern == PatternNames.Saga ? $"'{PatternNames.Saga}'" : Next(query.Pattern);
        var scope = $"service_id = {Next(serviceId)} and pattern = {pattern}";
        var (conditions, place, limit) = (Conditions(query), Place(query), Next(query.MaxCount));
        var statuses = query.Statuses.IsEmpty ? null : Next(query.Statuses.ToArray());
        Text = isAmongLatest
            ? $"""
            select {PostgresCatalog.Columns}
            from ({LatestOfEachStatus("*", scope, statuses, place, LatestCount.ToString(CultureInfo.InvariantCulture))}) as recent
            where true{conditions}
            {LatestFirst} {limit}
            """
            : SearchesSummary
            ? $"""
            select {PostgresCatalog.Columns}
            from orleanspatterns_catalog
            where {scope}{(statuses is null ? "" : $" and status = any ({statuses})")}{conditions}{place}
            {LatestFirst} {limit}
            """
            : LatestOfEachStatus(PostgresCatalog.Columns, scope, statuses, conditions + place, limit);
    }

    internal string Text { get; }

    internal IReadOnlyList<NpgsqlParameter> Parameters => _parameters;

    private bool SearchesSummary { get; set; }

    /// <summary>Some JSON is none for PostgreSQL, such as a number beyond its range or half of a surrogate pair: "data exception".</summary>
    internal bool IsRefusedBy(PostgresException exception) =>
        SearchesSummary && exception.SqlState.StartsWith("22", StringComparison.Ordinal);

    private static string LatestOfEachStatus(string columns, string scope, string? statuses, string conditions, string limit) =>
        $"""
        select latest.*
        from ({(statuses is null ? CatalogStatuses.Of(scope) : $"select distinct unnest({statuses}) as status")}) as known
        cross join lateral (
            select {columns}
            from orleanspatterns_catalog
            where {scope} and status = known.status{conditions}
            {LatestFirst} {limit}
        ) as latest
        {LatestFirst} {limit}
        """;

    /// <summary>Where the page begins.</summary>
    private string Place(CatalogQuery query) => query.After is { } after && CatalogCursor.TryParse(after, out var last)
        ? $" and (updated_at, key) < ({Next(last.Value.UpdatedAt)}, {Next(last.Value.Key)})"
        : "";

    private string Conditions(CatalogQuery query)
    {
        // now(), unlike clock_timestamp(), can use an index.
        var text = new StringBuilder(" and (expires_at is null or expires_at > now())");
        if (query.SummaryContains is { } contained)
        {
            text.Append(" and summary @> ").Append(Add(new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Jsonb, TypedValue = contained }));
            SearchesSummary = true;
        }

        if (!string.IsNullOrEmpty(query.KeyContains))
        {
            text.Append(" and strpos(key, ").Append(Next(query.KeyContains)).Append(") > 0");
        }

        if (query.MinAge is { } minAge)
        {
            text.Append(" and created_at <= now() - ").Append(Next(minAge));
        }

        if (query.MinIdle is { } minIdle)
        {
            text.Append(" and updated_at <= now() - ").Append(Next(minIdle));
        }

        return text.ToString();
    }

    private string Next<T>(T value) => Add(new NpgsqlParameter<T> { TypedValue = value });

    private string Add(NpgsqlParameter parameter)
    {
        _parameters.Add(parameter);
        return $"${_parameters.Count}";
    }
}
