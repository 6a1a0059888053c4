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

    /// <summary>As Failed, and by the step's policy not worth another attempt.</summary>
    FailedForGood = 4,

    /// <summary>The silo stops, or has let the activation go: to be begun again elsewhere, without counting.</summary>
    Interrupted = 5,

    /// <summary>Somebody else is at work under the step's key, or has died there and its lease lasts: to be tried again after it, without counting.</summary>
    Busy = 7,

    /// <summary>The body was never reached: the data cannot be read. To be parked.</summary>
    Unreadable = 6,
}
