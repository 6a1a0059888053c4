using System.Collections.Immutable;
using Medallion.Threading;

namespace OrleansPatterns.Locks;

/// <summary>Several locks held together. Dispose it to release them all.</summary>
/// <remarks>All members are safe for concurrent use.</remarks>
public sealed class LockSet : IDistributedSynchronizationHandle
{
    private readonly ImmutableArray<IDistributedSynchronizationHandle> _handles;
    private readonly CancellationTokenSource _lost;

    internal LockSet(ImmutableArray<(string Name, IDistributedSynchronizationHandle Handle)> held)
    {
        _handles = [.. held.Select(each => each.Handle)];
        _lost = CancellationTokenSource.CreateLinkedTokenSource([.. _handles.Select(handle => handle.HandleLostToken)]);
        HandleLost = _lost.Token;
        FencingTokens = held.ToImmutableDictionary(each => each.Name, each => each.Handle.FencingToken, StringComparer.Ordinal);
    }

    /// <summary>The fencing token of each lock, by its name. See <see cref="LockHandle.FencingToken"/>.</summary>
    public IReadOnlyDictionary<string, long> FencingTokens { get; }

    /// <summary>Fires when one of the locks must be taken for lost. See <see cref="LockHandle.HandleLostToken"/>.</summary>
    /// <exception cref="ObjectDisposedException">The set has been disposed.</exception>
    public CancellationToken HandleLostToken
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return HandleLost;
        }
    }

    private CancellationToken HandleLost { get; }

    private bool IsDisposed { get; set; }

    /// <summary>Releases all locks. Never throws, does not wait, and may be called more than once: see <see cref="LockHandle.DisposeAsync"/>.</summary>
    public void Dispose()
    {
        IsDisposed = true;
        _lost.Dispose();
        foreach (var handle in _handles)
        {
            handle.Dispose();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
