namespace OrleansPatterns.DeliveryTests.Contracts;

/// <summary>What a change means while silos and clients of two versions run, and for rows that are there.</summary>
internal enum ChangeWeight
{
    /// <summary>No value.</summary>
    None = 0,

    /// <summary>Nobody notices.</summary>
    Safe = 1,

    /// <summary>It works if the code minds what stands beside it.</summary>
    WithCare = 2,

    /// <summary>Processes of the version before, or its rows, are misunderstood.</summary>
    Breaking = 3,
}
