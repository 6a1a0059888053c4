using System.Collections.Immutable;

namespace OrleansPatterns.Locks;

/// <inheritdoc cref="ILockTransport"/>
internal sealed class GrainLockTransport(IGrainFactory grains) : ILockTransport
{
    /// <summary>Looked up once: Orleans finds it by reflection each time.</summary>
    private GrainInterfaceType? _lockInterface;

    public Task<LockReply> AcquireAsync(string key, LockRequest request) => Lock(key).AcquireAsync(request);

    public Task<LockRenewalReply> RenewAsync(string key, LockRenewal renewal) => Lock(key).RenewAsync(renewal);

    public async Task<ImmutableArray<LockRenewalReply>> RenewAsync(string? silo, ImmutableArray<RelayedRenewal> renewals) => silo is null
        ? [await RenewAsync(renewals.Single().Key, renewals.Single().Renewal)]
        : await grains.GetGrain<ILockRelayGrain>(silo).RenewAsync(renewals);

    public Task ReleaseAsync(string key, LockRelease release) => Lock(key).ReleaseOneWayAsync(release.RequestId, release.FencingToken);

    public Task CancelAsync(string key, Guid requestId) => Lock(key).CancelAsync(requestId);

    public ILockObserver Reference(ILockObserver observer) => grains.CreateObjectReference<ILockObserver>(observer);

    private ILockGrain Lock(string key)
    {
        if (_lockInterface is { } lockInterface)
        {
            return (ILockGrain)grains.GetGrain(GrainKeys.GrainIdFor(PatternNames.Lock, ResourceKey.Parse(key)), lockInterface);
        }

        var grain = grains.GetLockGrain(key);
        _lockInterface = ((GrainReference)grain).InterfaceType;
        return grain;
    }
}
