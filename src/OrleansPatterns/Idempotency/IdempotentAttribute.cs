namespace OrleansPatterns.Idempotency;

/// <summary>
/// Makes a grain method take effect once for each idempotency key: repetitions get the first call's answer. On the method of the interface or of
/// the class. Works in silos that have called <c>AddIdempotentGrainCalls()</c>.
/// </summary>
/// <remarks>
/// <para>The caller gives the key with <see cref="IdempotentCall.With"/>. Keys are kept apart by grain and method. A repetition with other
/// arguments is refused; arguments are compared by their JSON, public properties and fields, cancellation tokens left out. Where that does not tell them apart, or
/// cannot be made, the caller gives a fingerprint as well.</para>
/// <para>What is promised is what <see cref="IIdempotencyStore.ExecuteAsync"/> promises, with the <see cref="IdempotencyOptions"/> of the silo: the
/// same exceptions reach the caller. The answer is stored by Orleans' own serializer. The method does not learn when its execution is lost.</para>
/// <para>Not for methods that return <c>IAsyncEnumerable</c>: Orleans begins those by a method of its own, which the attribute does not reach.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IdempotentAttribute : Attribute
{
    /// <summary>Whether a call without a key is refused with <see cref="IdempotencyKeyMissingException"/>; otherwise it runs unprotected.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool IsKeyRequired { get; set; } = true;

    /// <summary>What becomes of a key whose silo died during the call.</summary>
    /// <value>Default <see cref="OnAbandoned.None"/>: as <see cref="IdempotencyOptions.OnAbandoned"/> says.</value>
    public OnAbandoned OnAbandoned { get; set; }
}
