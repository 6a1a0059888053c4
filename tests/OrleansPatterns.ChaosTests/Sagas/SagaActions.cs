namespace OrleansPatterns.ChaosTests.Sagas;

/// <summary>What the processes of the sagas' workload do; the key is the saga's id.</summary>
internal static class SagaActions
{
    /// <summary>Ok: the cluster has taken the saga on, and must bring it to an end.</summary>
    internal const string Start = "start";
}
