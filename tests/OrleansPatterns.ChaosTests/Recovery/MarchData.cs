namespace OrleansPatterns.ChaosTests.Recovery;

/// <summary>A march carries nothing.</summary>
internal sealed record MarchData;
