using System.Collections.Immutable;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>Counts the heartbeats that leave a client, and the instances in them.</summary>
internal sealed class HeartbeatMessages : IOutgoingGrainCallFilter
{
    private long _messages;
    private long _instances;

    internal (long Messages, long Instances) Sent => (Interlocked.Read(ref _messages), Interlocked.Read(ref _instances));

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.MethodName == nameof(IServiceGrain.HeartbeatAsync))
        {
            Interlocked.Increment(ref _messages);
            Interlocked.Add(ref _instances, context.Request.GetArgument(0) switch
            {
                ImmutableArray<RelayedHeartbeat> lists => lists.Sum(static list => list.InstanceIds.Length),
                ImmutableArray<string> instances => instances.Length,
                _ => 0,
            });
        }

        return context.Invoke();
    }
}
