
namespace OrleansPatterns.Server.Storage;

internal static class PersistentStateExtensions
{
    /// <summary>Makes <paramref name="next"/> durable, unless it is the very record that already is.</summary>
    /// <remarks>
    /// When the write fails it may have landed although its answer was lost. Memory is then no longer known to be true, so the activation
    /// asks to be deactivated and lets the caller see the fault; the next activation reads what really is stored. The caller's cancellation
    /// never reaches the write: a decision once taken is carried through.
    /// </remarks>
    internal static Task CommitAsync<TRecord>(this IPersistentState<TRecord> state, TRecord next, IGrainBase grain)
        where TRecord : class => state.CommitAsync(next, grain.DeactivateOnIdle);

    /// <inheritdoc cref="CommitAsync{TRecord}(IPersistentState{TRecord}, TRecord, IGrainBase)"/>
    internal static async Task CommitAsync<TRecord>(this IPersistentState<TRecord> state, TRecord next, Action onFault)
        where TRecord : class
    {
        if (ReferenceEquals(next, state.State))
        {
            return;
        }

        state.State = next;
        try
        {
            await state.WriteStateAsync(CancellationToken.None);
        }
        catch
        {
            onFault();
            throw;
        }
    }
}
