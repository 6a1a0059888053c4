using System.Text;
using Npgsql;
using NpgsqlTypes;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Postgres.Catalog;

/// <summary>A query with those conditions only that were asked for, so that each plan can rest on them.</summary>
internal sealed class CatalogListStatement
{
    private readonly List<NpgsqlParameter> _parameters = [];

    internal CatalogListStatement(string serviceId, CatalogQuery query)
    {
        var text = new StringBuilder("select ").Append(PostgresCatalog.Columns).Append(" from orleanspatterns_catalog where service_id = ")
            .Append(Next(new NpgsqlParameter<string> { TypedValue = serviceId }));

        // A literal: a plan that is kept for all values of a parameter cannot use the index that is on the rows of sagas only.
        text.Append(" and pattern = ").Append(
            query.Pattern == PatternNames.Saga ? $"'{PatternNames.Saga}'" : Next(new NpgsqlParameter<string> { TypedValue = query.Pattern }));
        if (query.Status is not null)
        {
            text.Append(" and status = ").Append(Next(new NpgsqlParameter<string> { TypedValue = query.Status }));
        }

        if (query.SummaryContains is not null)
        {
            text.Append(" and summary @> ").Append(
                Next(new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Jsonb, TypedValue = query.SummaryContains }));
            SearchesSummary = true;
        }

        // now(), unlike clock_timestamp(), can use an index.
        if (query.MinAge is { } minAge)
        {
            text.Append(" and created_at <= now() - ").Append(Next(new NpgsqlParameter<TimeSpan> { TypedValue = minAge }));
        }

        if (query.MinIdle is { } minIdle)
        {
            text.Append(" and updated_at <= now() - ").Append(Next(new NpgsqlParameter<TimeSpan> { TypedValue = minIdle }));
        }

        text.Append(" order by updated_at desc limit ").Append(Next(new NpgsqlParameter<int> { TypedValue = query.MaxCount }));
        Text = text.ToString();
    }

    internal string Text { get; }

    internal IReadOnlyList<NpgsqlParameter> Parameters => _parameters;

    private bool SearchesSummary { get; }

    /// <summary>Some JSON is none for PostgreSQL, such as a number beyond its range or half of a surrogate pair: "data exception".</summary>
    internal bool IsRefusedBy(PostgresException exception) =>
        SearchesSummary && exception.SqlState.StartsWith("22", StringComparison.Ordinal);

    private string Next(NpgsqlParameter parameter)
    {
        _parameters.Add(parameter);
        return $"${_parameters.Count}";
    }
}
