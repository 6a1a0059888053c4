using Microsoft.Extensions.Primitives;

namespace OrleansPatterns.Discovery;

/// <summary>The change tokens that were given out since the last change. Not for concurrent use.</summary>
/// <remarks>
/// A token lives as long as somebody holds it or a registration with it, and no longer. Its provider cannot end it: YARP holds a token, and waits for
/// it, far longer than Microsoft.Extensions.ServiceDiscovery keeps a provider that nobody asks. Nor may the list hold it: the composite tokens made of
/// it never let go of a token that does not fire (dotnet/extensions#7673), and a service may stay as it is for months.
/// </remarks>
internal sealed class ChangeSignals
{
    private const int MinPruneAt = 16;

    private List<WeakReference<CancellationTokenSource>> _given = [];
    private int _pruneAt = MinPruneAt;

    /// <summary>How many are kept account of; those that nobody holds any more are dropped now and then.</summary>
    internal int Count => _given.Count;

    internal IChangeToken Give()
    {
        if (_given.Count >= _pruneAt)
        {
            _given.RemoveAll(static signal => !signal.TryGetTarget(out _));
            _pruneAt = Math.Max(MinPruneAt, 2 * _given.Count);
        }

        var source = new CancellationTokenSource();
        _given.Add(new WeakReference<CancellationTokenSource>(source));
        return new CancellationChangeToken(source.Token);
    }

    /// <summary>Those that somebody waits for; they are to be cancelled, once.</summary>
    internal IEnumerable<CancellationTokenSource> TakeAll()
    {
        var taken = _given;
        (_given, _pruneAt) = ([], MinPruneAt);
        return taken.Select(static signal => signal.TryGetTarget(out var source) ? source : null).OfType<CancellationTokenSource>();
    }
}
