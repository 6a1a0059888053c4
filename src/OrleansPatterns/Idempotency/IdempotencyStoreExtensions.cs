namespace OrleansPatterns.Idempotency;

/// <summary>What is made of <see cref="IIdempotencyStore"/>.</summary>
public static class IdempotencyStoreExtensions
{
    /// <inheritdoc cref="IIdempotencyStore.ExecuteAsync{T}"/>
    /// <summary>Runs work that has no result, unless it was run before.</summary>
    /// <param name="store">The store.</param>
    /// <param name="key">The operation; a string is a key in the default scope.</param>
    /// <param name="fingerprint">Stands for the payload; a string is taken as it is.</param>
    /// <param name="work">The work.</param>
    /// <param name="options">For this call; <see langword="null"/> (default): the configured ones.</param>
    /// <param name="cancellationToken">Ends the waiting for another execution and cancels the work.</param>
    public static Task ExecuteAsync(
        this IIdempotencyStore store,
        IdempotencyKey key,
        RequestFingerprint fingerprint,
        Func<CancellationToken, Task> work,
        IdempotencyOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(work);
        return store.ExecuteAsync(
            key,
            fingerprint,
            async token =>
            {
                await work(token);
                return true;
            },
            options,
            cancellationToken);
    }
}
