namespace OrleansPatterns.Server.Sagas;

/// <summary>How an attempt ended.</summary>
internal enum SagaAttemptOutcome
{
    None = 0,
    Succeeded = 1,

    /// <summary>The step said no: it has not happened.</summary>
    Rejected = 2,

    /// <summary>Anything else, a timeout too: whether it happened is unknown.</summary>
    Failed = 3,
}
