namespace OrleansPatterns.Server.Sagas;

/// <summary>The attempts of one action or one compensation.</summary>
[GenerateSerializer, Immutable, OmitDefaultMemberValues, Alias("OrleansPatterns.SagaTally")]
internal sealed record SagaTally
{
    /// <summary>Attempts begun; the number of the latest. Only grows, so that an answer to an earlier attempt is known as such.</summary>
    [Id(0)]
    public int Begun { get; init; }

    /// <summary>Attempts that were answered with a failure, since the start or the last retry by an operator.</summary>
    [Id(1)]
    public int Failed { get; init; }

    /// <summary>
    /// Attempts that were never answered because their activation ended, since the start or the last retry by an operator.
    /// </summary>
    [Id(2)]
    public int Lost { get; init; }

    /// <summary>Whether the latest attempt has neither been answered nor given up.</summary>
    [Id(3)]
    public bool IsOpen { get; init; }

    /// <summary>When the latest attempt was begun.</summary>
    [Id(4)]
    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>The silo of the latest attempt.</summary>
    [Id(5)]
    public string? Silo { get; init; }

    internal SagaTally Begin(SagaMoment moment) =>
        this with { Begun = Begun + 1, IsOpen = true, BegunAt = moment.Now, Silo = moment.Silo };

    internal SagaTally Close() => this with { IsOpen = false };

    internal SagaTally Fail() => this with { Failed = Failed + 1, IsOpen = false };

    internal SagaTally Lose() => this with { Lost = Lost + 1, IsOpen = false };

    internal SagaTally Forgive() => this with { Failed = 0, Lost = 0 };
}
