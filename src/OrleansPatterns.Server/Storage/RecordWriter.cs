using Orleans.Storage;

namespace OrleansPatterns.Server.Storage;

/// <summary>Writes the record of a reentrant grain: whatever is decided while a write is under way goes together into the next.</summary>
/// <remarks>
/// Callers decide on <see cref="Decided"/>, which may be ahead of what is stored, and are answered once that is written; what is told to others is
/// what was published, which is never ahead. Once a write has failed nothing is answered any more, as memory is no longer known to be true.
/// </remarks>
/// <param name="state">The grain's state.</param>
/// <param name="onFault">A write failed: the activation must go.</param>
/// <param name="onWritten">Publishes a record that is written.</param>
internal sealed class RecordWriter<TRecord>(IPersistentState<TRecord> state, Action onFault, Action<TRecord> onWritten)
    where TRecord : class
{
    private long _decidedNumber;
    private long _writtenNumber;
    private Task _write = Task.CompletedTask;
    private Exception? _fault;

    /// <summary>The latest decision.</summary>
    public TRecord Decided { get; private set; } = state.State;

    /// <summary>Takes a decision, and waits until it, and all that it was built on, is written.</summary>
    public async Task CommitAsync(TRecord next)
    {
        if (_fault is not null)
        {
            throw new InconsistentStateException("An earlier write has failed, and this activation of the grain ends. Call again.", _fault);
        }

        if (!ReferenceEquals(next, Decided))
        {
            Decided = next;
            _decidedNumber++;
        }

        var mine = _decidedNumber;
        while (_writtenNumber < mine)
        {
            if (_write.IsCompleted)
            {
                _write = WriteAsync();
            }

            await _write;
        }
    }

    private async Task WriteAsync()
    {
        var (next, number) = (Decided, _decidedNumber);
        try
        {
            await state.CommitAsync(next, onFault);
        }
        catch (Exception exception)
        {
            _fault = exception;
            throw;
        }

        _writtenNumber = number;
        onWritten(next);
    }
}
