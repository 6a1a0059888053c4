using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Testing.Cluster;

/// <summary>Holders of leases whose renewals no longer arrive, as if their process had died.</summary>
internal sealed class SilencedHolders : IIncomingGrainCallFilter
{
    private readonly ConcurrentDictionary<(GrainId Grain, long Token), bool> _tokens = [];
    private readonly ConcurrentDictionary<(string Service, string InstanceId), bool> _instances = [];

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if ((_tokens.IsEmpty && _instances.IsEmpty) || context.Request.GetArgumentCount() == 0)
        {
            return context.Invoke();
        }

        switch (context.Grain, context.Request.GetMethodName(), context.Request.GetArgument(0))
        {
            case (ILockGrain, nameof(ILockGrain.RenewAsync), LockRenewal renewal):
                ThrowIfSilenced(context.TargetId, renewal.FencingToken);
                break;
            case (IIdempotencyGrain, nameof(IIdempotencyGrain.RenewAsync), long token):
                ThrowIfSilenced(context.TargetId, token);
                break;
            case (IServiceGrain, nameof(IServiceGrain.HeartbeatAsync), ImmutableArray<string> ids):
                context.Request.SetArgument(0, ids.RemoveAll(id => _instances.ContainsKey((ServiceOf(context), id))));
                break;
            case (IServiceGrain, nameof(IServiceGrain.RegisterAsync), ServiceInstance instance):
                // Somebody has started it again.
                _instances.TryRemove((ServiceOf(context), instance.Id), out _);
                break;
        }

        return context.Invoke();
    }

    internal void Silence(GrainId grain, long token) => _tokens[(grain, token)] = true;

    internal void Silence(string service, string instanceId) => _instances[(service, instanceId)] = true;

    private static string ServiceOf(IIncomingGrainCallContext context) => ServiceShards.Parse(context.TargetId.Key.ToString()!).Service;

    private void ThrowIfSilenced(GrainId grain, long token)
    {
        if (_tokens.ContainsKey((grain, token)))
        {
            throw new TimeoutException($"The test has silenced the holder of {grain} with token {token}.");
        }
    }
}
