using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.TestingHost;
using OrleansPatterns.AspNetCore.Idempotency;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Postgres;
using OrleansPatterns.Server.Locks;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>Tables of options on the pages have every option of their class, no other, and its default.</summary>
public sealed class OptionTableTests
{
    private static readonly Assembly[] Assemblies =
    [
        typeof(LockOptions).Assembly, typeof(LockGrainInstruments).Assembly, typeof(PostgresOptions).Assembly, typeof(HttpIdempotencyOptions).Assembly,
        typeof(OrleansPatternsTestClusterBuilderExtensions).Assembly,
    ];

    private static IEnumerable<OptionTable> Tables => MarkdownPage.All.SelectMany(OptionTable.Of);

    [Fact]
    public void Tables_HaveEveryOption_WithItsDefault() => Faults.AssertNone(Tables.SelectMany(FaultsOf));

    [Theory]
    [InlineData("docs/locks.md", nameof(LockOptions))]
    [InlineData("docs/locks.md", nameof(ClusterCallOptions))]
    [InlineData("docs/circuit-breakers.md", nameof(CircuitBreakerOptions))]
    [InlineData("docs/circuit-breakers.md", nameof(CircuitBreakerHandlerOptions))]
    [InlineData("docs/circuit-breakers.md", "ClusterCircuitBreakerStrategyOptions<TResult>")]
    [InlineData("docs/circuit-breakers.md", nameof(BreakerOverride))]
    [InlineData("docs/idempotency.md", nameof(IdempotencyOptions))]
    [InlineData("docs/idempotency.md", nameof(HttpIdempotencyOptions))]
    public void Pages_HaveTheTablesOfTheirPattern(string page, string type) =>
        Assert.Contains(Tables, table => (table.Path, table.TypeName) == (page, type) && table.Rows.Count > 0);

    private static IEnumerable<string> FaultsOf(OptionTable table)
    {
        var where = $"{table.Path}, {table.TypeName}";
        if (Find(table.TypeName) is not { } type)
        {
            return table.IsMarked ? [$"{where}: there is no such class."] : [];
        }

        if (table.Rows.Count == 0)
        {
            return [$"{where}: the comment is not followed by a table with the columns 'name' and 'default'."];
        }

        var defaults = Activator.CreateInstance(type)!;
        var options = type.GetProperties().Where(IsOption).ToDictionary(property => property.Name);
        return
        [
            .. options.Keys.Except(table.Rows.Select(row => row.Name)).Select(name => $"{where}: {name} is missing."),
            .. table.Rows.Where(row => !options.ContainsKey(row.Name)).Select(row => $"{where}: {row.Name} is no option."),
            .. table.Rows.GroupBy(row => row.Name).Where(same => same.Count() > 1).Select(same => $"{where}: {same.Key} is there more than once."),
            .. table.Rows.Where(row => options.TryGetValue(row.Name, out var option) && !Says(row, option, defaults))
                .Select(row => $"{where}: the default of {row.Name} is {options[row.Name].GetValue(defaults) ?? "null"}, and not '{row.Default} {row.Unit}'."),
        ];
    }

    private static bool Says(OptionRow row, PropertyInfo option, object defaults) => option.IsDefined(typeof(RequiredMemberAttribute))
        ? row.Default == "required"
        : row.Says(option.GetValue(defaults));

    /// <summary>What can be set, and collections to which one can add.</summary>
    private static bool IsOption(PropertyInfo property) =>
        property.SetMethod is { IsPublic: true }
        || (property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)) && property.GetMethod is { IsPublic: true, IsStatic: false });

    /// <param name="name">As in C#: <c>LockOptions</c>, <c>ClusterCircuitBreakerStrategyOptions&lt;TResult&gt;</c>.</param>
    private static Type? Find(string name)
    {
        var parts = name.Split('<');
        var wanted = parts.Length == 1 ? name : $"{parts[0]}`1";
        var found = Assemblies.SelectMany(assembly => assembly.GetExportedTypes()).FirstOrDefault(type => type.Name == wanted);
        return parts.Length == 1 ? found : found?.MakeGenericType(typeof(object));
    }
}
