using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What one activation of the simulated saga remembers, and the call that it is at.</summary>
internal sealed class SagaSimulationActivation(SagaRecord stored, int silo, bool hasDefinition)
{
    public SagaRecord Record { get; set; } = stored;

    /// <summary>Whether it has read the record; a start does without.</summary>
    public bool IsBlind { get; set; } = true;

    public int Silo { get; } = silo;

    public bool HasDefinition { get; } = hasDefinition;

    public Dictionary<(int Step, SagaDirection Direction), SagaSimulationFlight> Attempts { get; } = [];

    public DateTimeOffset? RowWakesAt { get; set; }

    public DateTimeOffset? TimerAt { get; set; }

    /// <summary>The call it is at, which pauses wherever the grain awaits; null: it is idle.</summary>
    public IEnumerator<bool>? Call { get; set; }

    /// <summary>Whether the call ended in an exception.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Whether it ends after this call.</summary>
    public bool IsGoing { get; set; }
}
