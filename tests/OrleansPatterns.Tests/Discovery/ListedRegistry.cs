using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>A registry whose list the test writes, and which tells what it was asked.</summary>
internal sealed class ListedRegistry : IServiceRegistry
{
    private readonly Lock _gate = new();
    private readonly Channel<bool?> _ends = Channel.CreateUnbounded<bool?>();
    private readonly Channel<long> _taken = Channel.CreateUnbounded<long>();
    private TaskCompletionSource _changed = new();
    private ServiceSnapshot _latest = new();
    private int _watches;
    private int _openWatches;
    private int _calls;

    /// <summary>How many watches were begun.</summary>
    public int Watches => Volatile.Read(ref _watches);

    /// <summary>How many watches have not ended.</summary>
    public int OpenWatches => Volatile.Read(ref _openWatches);

    /// <summary>The services that were asked for.</summary>
    public ImmutableList<string> Asked { get; private set; } = [];

    /// <summary>What each call was begun with.</summary>
    public ImmutableList<(LoadBalancing? Policy, string? Key)> Begun { get; private set; } = [];

    /// <summary>What stands in the way of the first list.</summary>
    public Exception? Fault { get; set; }

    /// <summary>What registers.</summary>
    public Func<string, ServiceInstance, CancellationToken, Task<ServiceRegistration>>? OnRegister { get; init; }

    /// <summary>How many calls have ended and were not asked for.</summary>
    public int UnreadEnds => _ends.Reader.Count;

    public static ServiceInstance Instance(string address, string? id = null) => new() { Id = id ?? address, Endpoint = new Uri(address) };

    /// <summary>Writes the list.</summary>
    public void List(params IEnumerable<ServiceInstance> instances)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _latest = _latest with { Version = _latest.Version + 1, Instances = [.. instances] };
            (changed, _changed) = (_changed, new TaskCompletionSource());
        }

        changed.SetResult();
    }

    /// <summary>Writes the list, and waits until the only watch has done with it whatever it does.</summary>
    public async Task ListAsync(params IEnumerable<ServiceInstance> instances)
    {
        List(instances);
        while (await _taken.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) < _latest.Version)
        {
        }
    }

    /// <summary>Ends all watches with a fault; those that come are open to lists again.</summary>
    public void Break(Exception fault)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            (changed, _changed) = (_changed, new TaskCompletionSource());
        }

        changed.SetException(fault);
    }

    /// <summary>How the next call ends.</summary>
    public Task<bool?> EndAsync() => _ends.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public async IAsyncEnumerable<ServiceSnapshot> WatchAsync(string service, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _watches);
        Interlocked.Increment(ref _openWatches);
        try
        {
            Ask(service);
            while (true)
            {
                Task changed;
                ServiceSnapshot latest;
                lock (_gate)
                {
                    (latest, changed) = (_latest, _changed.Task);
                }

                yield return latest;
                _taken.Writer.TryWrite(latest.Version);
                await changed.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _openWatches);
        }
    }

    /// <summary>Round robin over the instances that are available and pass the filter.</summary>
    public async ValueTask<ServiceCall> BeginCallAsync(
        string service, Func<ServiceInstance, bool>? filter = null, LoadBalancing? policy = null, string? key = null, CancellationToken cancellationToken = default)
    {
        Ask(service);
        await Task.Yield();
        Begun = Begun.Add((policy, key));
        var fit = _latest.Available.Where(filter ?? (_ => true)).ToArray();
        return fit.Length == 0
            ? throw new ServiceNotFoundException(service, _latest.Instances.Length)
            : new ServiceCall(fit[_calls++ % fit.Length], succeeded => _ends.Writer.TryWrite(succeeded));
    }

    public Task<ServiceRegistration> RegisterAsync(string service, ServiceInstance instance, CancellationToken cancellationToken = default) =>
        OnRegister?.Invoke(service, instance, cancellationToken) ?? throw new NotSupportedException();

    public Task<ServiceRegistration> RegisterAsync(string service, Uri endpoint, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ValueTask<ServiceInstance> ResolveAsync(string service, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<ServiceInstance?> TryResolveAsync(
        string service, Func<ServiceInstance, bool>? filter = null, LoadBalancing? policy = null, string? key = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ValueTask<ServiceSnapshot> GetInstancesAsync(string service, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public TimeSpan? GetAge(string service) => throw new NotSupportedException();

    public Task<bool> OverrideStatusAsync(string service, string instanceId, InstanceOverride? byHand, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    private void Ask(string service)
    {
        Asked = Asked.Add(service);
        if (Fault is { } fault)
        {
            throw fault;
        }
    }
}
