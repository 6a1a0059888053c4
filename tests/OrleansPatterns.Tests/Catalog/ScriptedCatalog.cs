using System.Threading.Channels;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Tests.Catalog;

/// <summary>A catalog of which only claims are asked: each takes from the rows that the test has made due.</summary>
internal sealed class ScriptedCatalog : ICatalog
{
    private readonly Lock _lock = new();
    private readonly Queue<DueWakeUp> _due = new();
    private readonly Channel<(int Asked, int Taken)> _claims = Channel.CreateUnbounded<(int Asked, int Taken)>();

    /// <summary>The next claim fails with this.</summary>
    internal Exception? Fault { get; set; }

    internal void Due(params IEnumerable<string> keys)
    {
        lock (_lock)
        {
            foreach (var key in keys)
            {
                _due.Enqueue(new DueWakeUp("test", key));
            }
        }
    }

    /// <summary>The next claim: how many rows were asked for, and how many taken.</summary>
    internal Task<(int Asked, int Taken)> ClaimedAsync() => _claims.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public Task<IReadOnlyList<DueWakeUp>> ClaimDueAsync(int maxCount, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        var taken = new List<DueWakeUp>();
        lock (_lock)
        {
            while (Fault is null && taken.Count < maxCount && _due.TryDequeue(out var due))
            {
                taken.Add(due);
            }
        }

        _claims.Writer.TryWrite((maxCount, taken.Count));
        if (Fault is { } fault)
        {
            Fault = null;
            return Task.FromException<IReadOnlyList<DueWakeUp>>(fault);
        }

        return Task.FromResult<IReadOnlyList<DueWakeUp>>(taken);
    }

    public Task UpsertAsync(CatalogEntry entry, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task RemoveAsync(string pattern, string key, long version, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<CatalogEntry?> FindAsync(string pattern, string key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<IReadOnlyDictionary<string, int>> CountAsync(string pattern, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
