using Npgsql;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>All that the scripts can leave in a database, as text to compare.</summary>
internal static class SchemaSnapshot
{
    /// <summary>Tables, columns, keys, indexes, storage settings, functions and query texts.</summary>
    internal static async Task<string> DefinitionAsync(NpgsqlDataSource dataSource) => string.Join(
        '\n',
        [
            .. await dataSource.RowsAsync(
                """
                select relname, relkind, reloptions::text from pg_class where relnamespace = current_schema()::regnamespace order by 1
                """),
            .. await dataSource.RowsAsync(
                """
                select attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
                from pg_attribute
                join pg_class on pg_class.oid = attrelid and relnamespace = current_schema()::regnamespace
                left join pg_attrdef on adrelid = attrelid and adnum = attnum
                where attnum > 0 order by 1, attnum
                """),
            .. await dataSource.RowsAsync("select indexdef from pg_indexes where schemaname = current_schema() order by 1"),
            .. await dataSource.RowsAsync(
                "select conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = current_schema()::regnamespace order by 1"),
            .. await dataSource.RowsAsync(
                "select pg_get_functiondef(oid) from pg_proc where pronamespace = current_schema()::regnamespace order by oid::regprocedure::text"),
            .. await dataSource.RowsAsync("select querykey, querytext from orleansquery order by 1"),
            .. await dataSource.RowsAsync("select version, script from orleanspatterns_schema order by 1"),
        ]);

    /// <summary>Changes with every write to a row, and with every table or function that is made anew.</summary>
    internal static async Task<string> TracesAsync(NpgsqlDataSource dataSource) => string.Join(
        '\n',
        [
            .. await dataSource.RowsAsync("select querykey, xmin::text, ctid::text from orleansquery order by 1"),
            .. await dataSource.RowsAsync("select version, xmin::text, ctid::text from orleanspatterns_schema order by 1"),
            .. await dataSource.RowsAsync("select oid, xmin::text from pg_class where relnamespace = current_schema()::regnamespace order by 1"),
            .. await dataSource.RowsAsync("select oid, xmin::text from pg_proc where pronamespace = current_schema()::regnamespace order by 1"),
        ]);
}
