using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Discovery;

/// <summary>Keeps all registrations of this process alive: at each interval one message to each silo that has some of their lists.</summary>
internal sealed partial class ServiceHeartbeats(
    IGrainFactory grains,
    ClusterCaller cluster,
    IOptions<DiscoveryOptions> options,
    DiscoveryInstruments instruments,
    TimeProvider time,
    ILogger<ServiceHeartbeats> logger) : IAsyncDisposable
{
    /// <summary>Nobody should hang on the way out because the cluster is away; the lease ends anyway.</summary>
    private static readonly TimeSpan DeregisterTime = TimeSpan.FromSeconds(3);

    /// <summary>Who waits longer for one registration keeps the next attempt waiting.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ServiceRegistration, bool> _registrations = [];

    /// <summary>Over how many lists each service is spread, as far as was heard.</summary>
    private readonly ConcurrentDictionary<string, int> _shards = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task? _beating;

    private TimeSpan Interval => options.Value.HeartbeatInterval;

    /// <summary>Registers, and keeps registered from then on.</summary>
    public async Task BeginAsync(ServiceRegistration registration, CancellationToken cancellationToken)
    {
        registration.Shard = HomeOf(registration, shards: 1);
        await RegisterAsync(registration, cancellationToken);
        if (_registrations.TryAdd(registration, true))
        {
            instruments.Registered();
        }

        lock (_gate)
        {
            if (_beating is null && !_stopping.IsCancellationRequested)
            {
                // Whoever happens to be the first to register must not lend its trace or tenant to all heartbeats.
                using (ExecutionContext.SuppressFlow())
                {
                    var timer = new PeriodicTimer(Interval, time);
                    _beating = Task.Run(() => BeatAsync(timer), CancellationToken.None);
                }
            }
        }
    }

    /// <summary>Registers what a registration says by now.</summary>
    public Task RegisterAsync(ServiceRegistration registration, CancellationToken cancellationToken) => cluster.CallAsync(
        $"register '{registration.Instance.Id}' as service '{registration.Service}'", _ => RegisterOnceAsync(registration), cancellationToken);

    /// <summary>Deregisters. Never throws.</summary>
    public async Task EndAsync(ServiceRegistration registration)
    {
        if (_registrations.TryRemove(registration, out _))
        {
            instruments.Ended();
        }

        var ending = DeregisterAsync(registration);
        ending.Ignore();
        try
        {
            await ending.WaitAsync(DeregisterTime, time);
        }
        catch (Exception exception)
        {
            LogNotDeregistered(exception, registration.Instance.Id, registration.Service);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await (_beating ?? Task.CompletedTask);
        _stopping.Dispose();
    }

    private async Task BeatAsync(PeriodicTimer timer)
    {
        using var disposal = timer;
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await Task.WhenAll(_registrations.Keys.GroupBy(static registration => registration.Silo).Select(BeatOnceAsync));
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The process stops; a heartbeat that is still under way may end in any fault.
        }
    }

    /// <summary>
    /// A heartbeat without an answer is nothing to mend here: the next one follows at its time, and the lease bears that. Waiting longer for an
    /// answer that was lost would let the lease of a live instance end.
    /// </summary>
    private async Task BeatOnceAsync(IGrouping<string?, ServiceRegistration> silo)
    {
        var lists = silo.GroupBy(static registration => (registration.Service, registration.Shard)).ToList();
        var heartbeats = lists
            .Select(static list => new RelayedHeartbeat(list.Key.Service, list.Key.Shard, [.. list.Select(static registration => registration.Instance.Id)]))
            .ToImmutableArray();
        if (silo.Key is { } key)
        {
            var replies = await InTimeAsync(grains.GetGrain<IServiceRelayGrain>(key).HeartbeatAsync(heartbeats), silo.Count());
            for (var number = 0; number < lists.Count; number++)
            {
                Take(lists[number], replies.IsDefault ? null : replies[number]);
            }
        }
        else
        {
            // Lists whose silo is not known: each on its own, so that none waits for another.
            await Task.WhenAll(lists.Zip(heartbeats, async (list, heartbeat) => Take(
                list, await InTimeAsync(grains.GetServiceGrain(heartbeat.Service, heartbeat.Shard).HeartbeatAsync(heartbeat.InstanceIds), list.Count()))));
        }
    }

    private async Task<T?> InTimeAsync<T>(Task<T> sending, int count)
    {
        sending.Ignore();
        try
        {
            return await sending.WaitAsync(Interval, time, _stopping.Token);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            instruments.HeartbeatFailed(count);
            LogHeartbeatFailed(exception, count);
            return default;
        }
    }

    private void Take(IGrouping<(string Service, int Shard), ServiceRegistration> list, HeartbeatReply? reply)
    {
        if (reply is null)
        {
            foreach (var registration in list)
            {
                registration.Silo = null;
            }

            return;
        }

        Learn(list.Key.Service, reply.Shards);
        var unknown = reply.Unknown.ToHashSet(StringComparer.Ordinal);
        foreach (var registration in list)
        {
            registration.Silo = reply.Silo;
            if (unknown.Contains(registration.Instance.Id))
            {
                instruments.RegisteredAgain();
                LogRegisteredAgain(registration.Instance.Id, registration.Service);
                registration.Registered = null;
            }

            // All at once, as the list writes them together, one attempt for each, and no heartbeat waits for any.
            if (registration.Again.IsCompleted
                && (!ReferenceEquals(registration.Registered, registration.Instance) || HomeOf(registration, reply.Shards) != registration.Shard))
            {
                registration.Again = RegisterAgainAsync(registration);
            }
        }
    }

    private async Task RegisterAgainAsync(ServiceRegistration registration)
    {
        try
        {
            await RegisterOnceAsync(registration);
        }
        catch (Exception exception)
        {
            // Nor does one that fails while the registration is disposed keep it from deregistering.
            if (!registration.IsDisposed && !_stopping.IsCancellationRequested)
            {
                LogHeartbeatFailed(exception, 1);
            }
        }
    }

    private async Task RegisterOnceAsync(ServiceRegistration registration)
    {
        await registration.Turn.WaitAsync(_stopping.Token);
        try
        {
            ObjectDisposedException.ThrowIf(registration.IsDisposed, registration);
            while (true)
            {
                var instance = registration.Instance;
                registration.Registered = null;
                if (!ReferenceEquals(registration.Sent.Instance, instance))
                {
                    await LetArriveAsync(registration);
                }

                var registering = grains.GetServiceGrain(registration.Service, registration.Shard).RegisterAsync(instance);
                registering.Ignore();
                registration.Sent = (registration.Sent.Call.IsCompleted ? registering : Task.WhenAll(registration.Sent.Call, registering), instance);
                var reply = await registering.WaitAsync(AnswerTime, time);
                (registration.Registered, registration.Silo) = (instance, reply.Silo);
                Learn(registration.Service, reply.Shards);
                var home = HomeOf(registration, reply.Shards);
                if (home == registration.Shard)
                {
                    return;
                }

                // It may be in both for a while; that of its home holds.
                (registration.FormerShard, registration.Shard) = (registration.Shard, home);
            }
        }
        finally
        {
            registration.Turn.Release();
        }
    }

    private async Task DeregisterAsync(ServiceRegistration registration)
    {
        await registration.Turn.WaitAsync();
        try
        {
            await LetArriveAsync(registration);

            // First where it was before, which may be about to send it on.
            foreach (var shard in registration.FormerShard is { } former ? [former, registration.Shard] : (int[])[registration.Shard])
            {
                await cluster.CallAsync(
                    $"deregister '{registration.Instance.Id}' as service '{registration.Service}'",
                    _ => grains.GetServiceGrain(registration.Service, shard).DeregisterAsync(registration.Instance.Id),
                    CancellationToken.None);
            }
        }
        finally
        {
            registration.Turn.Release();
        }
    }

    /// <summary>A message that was given up must not arrive after one that says something newer. Orleans answers it or, when its time is over, drops it.</summary>
    private static async Task LetArriveAsync(ServiceRegistration registration) =>
        await registration.Sent.Call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Learn(string service, int shards) => _shards.AddOrUpdate(service, shards, (_, known) => Math.Max(known, shards));

    private int HomeOf(ServiceRegistration registration, int shards) =>
        ServiceShards.HomeOf(registration.Instance.Id, Math.Max(shards, _shards.GetValueOrDefault(registration.Service)));

    [LoggerMessage(1002, LogLevel.Warning, "The heartbeat of {Count} instances got no answer; the next one follows.")]
    private partial void LogHeartbeatFailed(Exception exception, int count);

    [LoggerMessage(1003, LogLevel.Warning, "'{Instance}' was no longer listed as service '{Service}'; it is registered again.")]
    private partial void LogRegisteredAgain(string instance, string service);

    [LoggerMessage(1004, LogLevel.Warning, "'{Instance}' could not be deregistered as service '{Service}'; it is passed over when its lease ends.")]
    private partial void LogNotDeregistered(Exception exception, string instance, string service);
}
