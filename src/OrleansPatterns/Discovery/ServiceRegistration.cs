namespace OrleansPatterns.Discovery;

/// <summary>An instance that this process keeps registered. Dispose it to deregister.</summary>
/// <remarks>
/// The process tells at every <see cref="DiscoveryOptions.HeartbeatInterval"/> that its registrations live, and registers again those that the
/// cluster no longer knows, for instance after a pause that was longer than the lease. A process that dies without disposing is passed over when the
/// lease ends.
/// </remarks>
public sealed class ServiceRegistration : IAsyncDisposable
{
    private readonly ServiceHeartbeats _heartbeats;
    private ServiceInstance _instance;
    private int _disposed;

    internal ServiceRegistration(string service, ServiceInstance instance, ServiceHeartbeats heartbeats)
    {
        ServiceBounds.Check(instance);
        Service = service;
        _instance = instance;
        _heartbeats = heartbeats;
    }

    /// <summary>The service's name.</summary>
    public string Service { get; }

    /// <summary>The instance as it is registered.</summary>
    public ServiceInstance Instance => Volatile.Read(ref _instance);

    /// <summary>In which of the service's lists it is.</summary>
    internal int Shard { get; set; }

    /// <summary>In which it was before, and may still be.</summary>
    internal int? FormerShard { get; set; }

    /// <summary>Which silo has that list; <see langword="null"/>: not known.</summary>
    internal string? Silo { get; set; }

    /// <summary>What the cluster is known to have; another instance than <see cref="Instance"/>: that is to be registered.</summary>
    internal ServiceInstance? Registered { get; set; }

    /// <summary>The messages under way that register it, and what the latest says. They may have been given up, and arrive all the same.</summary>
    internal (Task Call, ServiceInstance? Instance) Sent { get; set; } = (Task.CompletedTask, null);

    /// <summary>The latest attempt to register it once more.</summary>
    internal Task Again { get; set; } = Task.CompletedTask;

    /// <summary>One message about it at a time, so that none that is older arrives later.</summary>
    internal SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Whether it is to be deregistered, or is.</summary>
    internal bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Changes the instance's own status, for instance to <see cref="InstanceStatus.Draining"/>. When this returns, the change is durable.</summary>
    /// <param name="status">The status.</param>
    /// <param name="cancellationToken">Ends the waiting; the change may be made all the same.</param>
    /// <exception cref="ArgumentException">There is no such status.</exception>
    /// <exception cref="ObjectDisposedException">It is deregistered.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer. The change is made with a later heartbeat.</exception>
    public Task SetStatusAsync(InstanceStatus status, CancellationToken cancellationToken = default) =>
        UpdateAsync(instance => instance with { Status = status }, cancellationToken);

    /// <summary>Changes what is registered: metadata, weight, tags and so on. When this returns, the change is durable.</summary>
    /// <param name="change">Gives the instance as it should be, with the same id.</param>
    /// <param name="cancellationToken">Ends the waiting; the change may be made all the same.</param>
    /// <exception cref="ArgumentException">The instance would not be valid, or have another id.</exception>
    /// <exception cref="ObjectDisposedException">It is deregistered.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer. The change is made with a later heartbeat.</exception>
    public async Task UpdateAsync(Func<ServiceInstance, ServiceInstance> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ServiceInstance known, next;
        do
        {
            known = Instance;
            next = change(known);
            ServiceBounds.Check(next);
            if (!string.Equals(next.Id, known.Id, StringComparison.Ordinal))
            {
                throw new ArgumentException($"The id of a registered instance stays '{known.Id}'; '{next.Id}' would be another. Register that.", nameof(change));
            }
        }
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _instance, next, known), known));

        try
        {
            await _heartbeats.RegisterAsync(this, cancellationToken);
        }
        catch (ArgumentException)
        {
            // The silos refuse it, and would with every heartbeat.
            Interlocked.CompareExchange(ref _instance, known, next);
            throw;
        }
    }

    /// <summary>Deregisters. Never throws; with the cluster away it gives up after 3 seconds, and the lease does it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _heartbeats.EndAsync(this);
        }
    }
}
