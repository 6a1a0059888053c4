namespace OrleansPatterns.Idempotency;

/// <summary>
/// Keys that are sealed as their sender knows them. A saga seals the key of its step; an endpoint or a grain method that was called under that key runs
/// under it in a scope of its own, so it looks for the seal before it runs.
/// </summary>
internal static class UnscopedSeal
{
    /// <remarks>
    /// Only for keys with a slash, which those of sagas' steps have: the look is a read. What has looked just before the seal runs on and is not waited for, as is
    /// what runs under the key itself.
    /// </remarks>
    /// <exception cref="IdempotencySealedException">It is sealed.</exception>
    internal static async Task ThrowIfSealedAsync(this IIdempotencyOperations operations, string key, CancellationToken cancellationToken)
    {
        if (key.Contains('/', StringComparison.Ordinal)
            && (await operations.GetStatusAsync(key, cancellationToken)).Phase == IdempotencyPhase.Sealed)
        {
            throw new IdempotencySealedException(key);
        }
    }
}
