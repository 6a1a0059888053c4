using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Another store, and the options it was last asked with.</summary>
internal class ObservedStore(IIdempotencyStore store) : IIdempotencyStore
{
    internal IdempotencyOptions? LastOptions { get; private set; }

    public Task<T> ExecuteAsync<T>(
        IdempotencyKey key,
        RequestFingerprint fingerprint,
        Func<CancellationToken, Task<T>> work,
        IdempotencyOptions? options = null,
        CancellationToken cancellationToken = default) => store.ExecuteAsync(key, fingerprint, work, options, cancellationToken);

    public virtual Task<IdempotencyBeginning> BeginAsync(
        IdempotencyKey key, RequestFingerprint fingerprint, IdempotencyOptions? options = null, CancellationToken cancellationToken = default)
    {
        LastOptions = options;
        return store.BeginAsync(key, fingerprint, options, cancellationToken);
    }

    public Task<IdempotentExecution?> TryBeginAsync(
        IdempotencyKey messageId, IdempotencyOptions? options = null, CancellationToken cancellationToken = default) =>
        store.TryBeginAsync(messageId, options, cancellationToken);
}
