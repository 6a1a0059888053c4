namespace OrleansPatterns.Sagas;

/// <summary>Thrown by a step's action to say no: it has not happened, at no attempt, and trying again is no use.</summary>
/// <remarks>
/// The step is not compensated, the steps before it are. Thrown by a compensation it is a failure like any other: a compensation cannot
/// refuse.
/// </remarks>
[GenerateSerializer, Alias("OrleansPatterns.SagaRejectedException")]
public sealed class SagaRejectedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reason">Why not. Shown in the saga's status, cut after 1,000 characters.</param>
    public SagaRejectedException(string reason)
        : base(reason)
    {
    }
}
