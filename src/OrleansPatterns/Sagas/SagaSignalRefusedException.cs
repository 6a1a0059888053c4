namespace OrleansPatterns.Sagas;

/// <summary>A saga does not take a signal. Nothing changed.</summary>
[GenerateSerializer, Alias("OrleansPatterns.SagaSignalRefusedException")]
public sealed class SagaSignalRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="signal">The signal's name.</param>
    /// <param name="outcome">Why.</param>
    /// <param name="fault">The same in words.</param>
    public SagaSignalRefusedException(string sagaId, string signal, SagaSignalOutcome outcome, string fault)
        : base($"Saga '{sagaId}' does not take signal '{signal}' ({outcome}): {fault}")
    {
        SagaId = sagaId;
        Signal = signal;
        Outcome = outcome;
    }

    /// <summary>The id.</summary>
    [Id(0)]
    public string SagaId { get; }

    /// <summary>The signal's name.</summary>
    [Id(1)]
    public string Signal { get; }

    /// <summary>Why.</summary>
    [Id(2)]
    public SagaSignalOutcome Outcome { get; }
}
