using Orleans.Concurrency;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Server.Cluster;

/// <inheritdoc cref="IPulseGrain"/>
[GrainType(GrainKeys.GrainTypePrefix + "pulse")]
[StatelessWorker]
[Reentrant]
internal sealed class PulseGrain : Grain, IPulseGrain
{
    public Task BeatAsync() => Task.CompletedTask;
}
