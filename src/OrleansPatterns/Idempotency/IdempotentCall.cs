namespace OrleansPatterns.Idempotency;

/// <summary>Gives grain calls their idempotency key, which travels in Orleans' request context.</summary>
public static class IdempotentCall
{
    private const string KeyEntry = "OrleansPatterns.IdempotencyKey";
    private const string FingerprintEntry = "OrleansPatterns.IdempotencyFingerprint";

    /// <summary>Calls to grain methods with <see cref="IdempotentAttribute"/> carry this key until the result is disposed.</summary>
    /// <example><c>using (IdempotentCall.With(transferId)) { await account.WithdrawAsync(100); }</c></example>
    /// <remarks>
    /// The first grain takes it, whether it uses it or not: calls that this one makes in turn do not carry it. Two calls of one method of one grain under one key are one
    /// call and its repetition.
    /// </remarks>
    /// <param name="key">1 to 255 characters.</param>
    /// <param name="fingerprint">Stands for the arguments; <see langword="null"/> (default): made of their JSON.</param>
    /// <exception cref="ArgumentException">The key is null, empty or too long, or has a control character or an unpaired surrogate.</exception>
    /// <exception cref="InvalidOperationException">The fingerprint is <c>default</c>.</exception>
    public static IDisposable With(string key, RequestFingerprint? fingerprint = null)
    {
        _ = new IdempotencyKey(IdempotencyKey.DefaultScope, key);
        var fingerprintText = fingerprint?.Value;
        var before = (Key: RequestContext.Get(KeyEntry), Fingerprint: RequestContext.Get(FingerprintEntry));
        Set(KeyEntry, key);
        Set(FingerprintEntry, fingerprintText);
        return new Restoring(() =>
        {
            Set(KeyEntry, before.Key);
            Set(FingerprintEntry, before.Fingerprint);
        });
    }

    /// <summary>Takes what the caller has sent out of the context, so that it goes no further.</summary>
    internal static (string? Key, RequestFingerprint? Fingerprint) Take()
    {
        var key = RequestContext.Get(KeyEntry) as string;
        var fingerprint = RequestContext.Get(FingerprintEntry) as string;
        RequestContext.Remove(KeyEntry);
        RequestContext.Remove(FingerprintEntry);
        return (key, fingerprint is null ? default(RequestFingerprint?) : RequestFingerprint.Parse(fingerprint));
    }

    private static void Set(string entry, object? value)
    {
        if (value is null)
        {
            RequestContext.Remove(entry);
        }
        else
        {
            RequestContext.Set(entry, value);
        }
    }

    private sealed class Restoring(Action restore) : IDisposable
    {
        public void Dispose() => restore();
    }
}
