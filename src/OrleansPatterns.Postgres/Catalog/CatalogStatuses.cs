namespace OrleansPatterns.Postgres.Catalog;

/// <summary>Which statuses there are, by as many steps through the index as there are statuses, instead of one for each row.</summary>
internal static class CatalogStatuses
{
    /// <param name="scope">The condition on service and pattern.</param>
    internal static string Of(string scope) =>
        $"""
        with recursive found(status) as (
            (select status from orleanspatterns_catalog where {scope} order by status limit 1)
            union all
            select (select next.status from orleanspatterns_catalog as next where {scope} and next.status > found.status order by next.status limit 1)
            from found
            where found.status is not null
        )
        select status from found where status is not null
        """;
}
