using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>An attempt under way. It goes on when its activation is gone, but not when its silo is.</summary>
internal sealed class SagaSimulationFlight(SagaMove move, SagaRecord record, int silo)
{
    public SagaMove Move { get; } = move;

    public SagaRecord Record { get; } = record;

    public int Silo { get; } = silo;

    /// <summary>Whether its call is on its way, or has been answered or left behind.</summary>
    public bool HasCalled { get; set; }

    /// <summary>For a compensation: whether it has come past the seal.</summary>
    public bool HasSealed { get; set; }

    /// <summary>Set once it has ended: it is sent until it arrives.</summary>
    public SagaAttemptReport? Report { get; set; }

    /// <summary>Whether nothing more comes of it.</summary>
    public bool IsFinished { get; set; }
}
