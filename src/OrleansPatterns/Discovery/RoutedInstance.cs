namespace OrleansPatterns.Discovery;

/// <summary>An instance as this process calls it: how many calls are under way, and how they end.</summary>
/// <remarks>It stays the same as long as id and endpoint do; what else the list says of it may change.</remarks>
/// <param name="instance">What the list says of it.</param>
/// <param name="breaker">The name of its breaker; <see langword="null"/>: it has none that is looked at.</param>
/// <param name="bornAt">Since when it is there, on the clock of <see cref="RoutingMembers"/>; <see langword="null"/>: for so long that it is warm.</param>
/// <param name="ejectAfterErrors">After how many errors in a row to call <paramref name="eject"/>, and again after as many; <see langword="null"/>: never.</param>
/// <param name="eject">May eject the instance.</param>
internal sealed class RoutedInstance(
    ServiceInstance instance, string? breaker, TimeSpan? bornAt, int? ejectAfterErrors, Action<RoutedInstance> eject)
{
    private volatile ServiceInstance _instance = instance;
    private volatile bool _isEjected;
    private int _underWay;
    private int _errors;

    public ServiceInstance Instance
    {
        get => _instance;
        set => _instance = value;
    }

    public ulong Hash { get; } = RendezvousHash.Of(instance.Id);

    public TimeSpan? BornAt { get; } = bornAt;

    public int UnderWay => Volatile.Read(ref _underWay);

    public bool IsEjected => _isEjected;

    /// <summary>Written and read under the lock of <see cref="RoutingMembers"/>.</summary>
    public Ejection Ejection { get; private set; }

    /// <summary>Whether it is to be called, or kept from calls by a suspicion only, which may be wrong.</summary>
    public bool IsCandidate => Instance.IsAvailable || Instance.IsSuspect;

    public void Begin() => Interlocked.Increment(ref _underWay);

    /// <param name="succeeded"><see langword="null"/>: the end says nothing about the instance.</param>
    public void End(bool? succeeded)
    {
        Interlocked.Decrement(ref _underWay);
        if (succeeded is true && Volatile.Read(ref _errors) != 0)
        {
            Volatile.Write(ref _errors, 0);
        }

        if (succeeded is false && ejectAfterErrors is { } limit && Interlocked.Increment(ref _errors) % limit == 0)
        {
            eject(this);
        }
    }

    public bool HasOpenBreaker(Func<string, bool>? isBreakerOpen) => breaker is not null && isBreakerOpen is not null && isBreakerOpen(breaker);

    public void Eject(Ejection ejection)
    {
        Ejection = ejection;
        _isEjected = true;
    }

    public void Return(TimeSpan now)
    {
        Ejection = Ejection.EndAt(now);

        // Errors of calls that began before the ejection, and of those in a panic, are not held against the time after it.
        Volatile.Write(ref _errors, 0);
        _isEjected = false;
    }
}
