using OrleansPatterns.Server.Catalog;

namespace OrleansPatterns.Testing.Storage;

/// <summary>The rows of a test cluster's catalog.</summary>
internal sealed class SharedCatalogRows(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly MemoryCatalogTable _table = new(time);

    internal T Use<T>(Func<MemoryCatalogTable, T> use)
    {
        lock (_gate)
        {
            return use(_table);
        }
    }
}
