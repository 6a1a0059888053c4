namespace OrleansPatterns.Server.Sagas;

/// <summary>How one attempt ended, on its way to whichever activation the saga has by then.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaAttemptReport")]
internal sealed record SagaAttemptReport
{
    [Id(0)]
    public required int Step { get; init; }

    [Id(1)]
    public required SagaDirection Direction { get; init; }

    [Id(2)]
    public required int Attempt { get; init; }

    [Id(3)]
    public required SagaAttemptOutcome Outcome { get; init; }

    /// <summary>Succeeded: the data afterwards.</summary>
    [Id(4)]
    public string? DataJson { get; init; }

    /// <summary>Otherwise: why.</summary>
    [Id(5)]
    public string? Error { get; init; }

    /// <summary>Succeeded, where other steps run at the same time: the data that the attempt was given, so that only its changes are taken.</summary>
    [Id(6)]
    public string? BaseDataJson { get; init; }

    /// <summary>Busy: how long to wait.</summary>
    [Id(7)]
    public TimeSpan RetryAfter { get; init; }
}
