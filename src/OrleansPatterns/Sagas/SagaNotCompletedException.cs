namespace OrleansPatterns.Sagas;

/// <summary>A result was waited for, and the saga came to another end or waits for an operator.</summary>
[GenerateSerializer, Alias("OrleansPatterns.SagaNotCompletedException")]
public sealed class SagaNotCompletedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="status">How it stands.</param>
    public SagaNotCompletedException(SagaStatus status)
        : base(
            $"Saga '{(status ?? throw new ArgumentNullException(nameof(status))).SagaId}' has no result: it is {status.Phase}. "
            + $"{status.StuckReason ?? status.CompensationReason}") => Status = status;

    /// <summary>How it stands.</summary>
    [Id(0)]
    public SagaStatus Status { get; }
}
