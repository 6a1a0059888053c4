namespace OrleansPatterns.Idempotency;

/// <summary>A grain method with <see cref="IdempotentAttribute"/> was called without a key. It did not run.</summary>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyKeyMissingException")]
public sealed class IdempotencyKeyMissingException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="method">The method, with its interface.</param>
    public IdempotencyKeyMissingException(string method)
        : base($"{method} needs an idempotency key. Call it within 'using (IdempotentCall.With(key))', with the same key in each repetition.") =>
        Method = method;

    /// <summary>The method, with its interface.</summary>
    [Id(0)]
    public string Method { get; }
}
