namespace OrleansPatterns.CircuitBreakers;

/// <summary>The right to make one probe.</summary>
/// <param name="Id">Its number.</param>
/// <param name="IsAlone">Given by this process, with the cluster away.</param>
internal sealed record ProbePermit(long Id, bool IsAlone);
