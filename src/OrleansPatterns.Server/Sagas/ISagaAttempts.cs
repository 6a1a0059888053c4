namespace OrleansPatterns.Server.Sagas;

/// <summary>
/// Where attempts report to: the saga's grain, through the directory like any caller, so that a replaced activation decides nothing.
/// </summary>
[Alias("OrleansPatterns.ISagaAttempts")]
internal interface ISagaAttempts : IGrainWithStringKey
{
    /// <summary>Records how an attempt ended and goes on. An answer to any other than the open attempt is ignored.</summary>
    [Alias("Complete")]
    Task CompleteAttemptAsync(SagaAttemptReport report);
}
