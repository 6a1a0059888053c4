using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace OrleansPatterns.Idempotency;

/// <summary>What <see cref="IIdempotencyStore.BeginAsync"/> found: an execution to carry out, or a result.</summary>
public sealed class IdempotencyBeginning
{
    /// <summary>The caller is to carry out an execution.</summary>
    /// <param name="execution">The execution.</param>
    public IdempotencyBeginning(IdempotentExecution execution)
    {
        ArgumentNullException.ThrowIfNull(execution);
        Execution = execution;
    }

    /// <summary>The operation was executed before.</summary>
    /// <param name="result">Its result.</param>
    public IdempotencyBeginning(ReadOnlyMemory<byte> result) => Result = result;

    /// <summary>Whether the caller has to do the work.</summary>
    [MemberNotNullWhen(true, nameof(Execution))]
    public bool IsStarted => Execution is not null;

    /// <summary>The execution to complete or dispose; <see langword="null"/>: there is a result already.</summary>
    public IdempotentExecution? Execution { get; }

    /// <summary>The result, when <see cref="IsStarted"/> is <see langword="false"/>; otherwise empty.</summary>
    public ReadOnlyMemory<byte> Result { get; }

    /// <summary>How the call that began it makes values of JSON.</summary>
    internal JsonSerializerOptions? SerializerOptions { get; init; }
}
