using Orleans.Storage;

namespace OrleansPatterns.Server.Storage;

/// <summary>
/// A grain's state that is not read before it is needed: where most keys are new, the first write finds out whether there is one, and the read that
/// would have found nothing is spared.
/// </summary>
/// <remarks>
/// Not <c>IPersistentState</c>, which reads before the grain is activated, nor its bridge, which logs each refused write as an error: here a
/// refusal is an answer. What is stored is the same. One operation at a time.
/// </remarks>
internal sealed class LateState<TRecord>(IGrainStorage storage, string name, GrainId grainId)
    where TRecord : class, new()
{
    private readonly GrainState<TRecord> _state = new(new TRecord());

    /// <summary>Whether <see cref="Record"/> is what is stored, as far as this activation knows.</summary>
    internal bool IsKnown { get; private set; }

    /// <summary>The record as read or last written, never one that is only being written.</summary>
    internal TRecord Record { get; private set; } = new();

    /// <summary>What is known may be outdated: it is read again when it is next needed.</summary>
    internal void Forget() => (Record, IsKnown, _state.ETag) = (new TRecord(), false, null);

    /// <summary>What is stored now. What is known stays as it is, also when this fails.</summary>
    internal async Task<TRecord> PeekAsync()
    {
        var stored = new GrainState<TRecord>(new TRecord());
        await storage.ReadStateAsync(name, grainId, stored);
        return stored.State ?? new TRecord();
    }

    /// <summary>Reads the record, unless it is known.</summary>
    internal async Task ReadAsync()
    {
        if (!IsKnown)
        {
            await storage.ReadStateAsync(name, grainId, _state);
            (Record, IsKnown) = (_state.State ?? new TRecord(), true);
        }
    }

    /// <summary>Writes the first record of the key.</summary>
    /// <returns>Whether it was written; otherwise there is one, and it has been read.</returns>
    internal async Task<bool> TryCreateAsync(TRecord first)
    {
        try
        {
            await WriteAsync(first);
            return true;
        }
        catch (InconsistentStateException)
        {
            await ReadAsync();
            return false;
        }
    }

    /// <summary>Makes the record durable. Fails with <see cref="InconsistentStateException"/> when another activation has written meanwhile.</summary>
    /// <remarks>
    /// The caller's cancellation never reaches the write: a decision once taken is carried through. A write that failed may have landed although its
    /// answer was lost, so from then on nothing is known.
    /// </remarks>
    internal async Task WriteAsync(TRecord next)
    {
        _state.State = next;
        try
        {
            await storage.WriteStateAsync(name, grainId, _state);
        }
        catch
        {
            Forget();
            throw;
        }

        (Record, IsKnown) = (next, true);
    }

    /// <summary>Removes the record. Fails with <see cref="InconsistentStateException"/> when another activation has written meanwhile.</summary>
    internal async Task ClearAsync()
    {
        try
        {
            await storage.ClearStateAsync(name, grainId, _state);
        }
        catch
        {
            Forget();
            throw;
        }

        (Record, IsKnown) = (new TRecord(), true);
    }
}
