using Microsoft.Extensions.Logging.Abstractions;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;
using OrleansPatterns.Server.CircuitBreakers;
using Orleans.Storage;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>How bad a simulated world is: each from 0, never, to 1.</summary>
internal sealed record Troubles(double LostRequests = 0, double LostAnswers = 0, double Repeats = 0, double Delays = 0, double FailedWrites = 0)
{
    public static readonly Troubles None = new();
}

/// <summary>The silos' side: activations that die and multiply, on one store that compares ETags. The code in them is the grain's own.</summary>
internal sealed class SimulatedBreakerCluster(SimulatedTime time, Random random)
{
    private readonly List<Activation> _activations = [];
    private readonly Dictionary<long, TimeSpan> _issued = [];
    private BreakerRecord _stored = new();
    private long _etag;

    public Troubles Troubles { get; set; } = Troubles.None;

    public BreakerRecord Stored => _stored;

    public int Conflicts { get; private set; }

    public int StaleReports { get; private set; }

    public int StaleProbes { get; private set; }

    public int LostMessages { get; private set; }

    public int RepeatedReports { get; private set; }

    public int MostActivations { get; private set; }

    /// <summary>When a permit was given, in true time.</summary>
    public TimeSpan IssuedAt(long permit) => _issued[permit];

    public bool Happens(double chance) => random.NextDouble() < chance;

    public void KillAll() => _activations.Clear();

    /// <summary>A second activation beside the first, as while the directory is wrong.</summary>
    public void Split() => Activate();

    /// <summary>The directory is right again: of two one goes.</summary>
    public void Join()
    {
        if (_activations.Count > 1)
        {
            _activations.RemoveAt(random.Next(_activations.Count));
        }
    }

    /// <summary>An operator's command, which is repeated until it is carried out.</summary>
    public T Command<T>(Func<ClusterBreaker, Task<T>> command)
    {
        while (true)
        {
            var done = command(Route().Breaker);
            Assert.True(done.IsCompleted, "Nothing in a simulation waits for anything but its events.");
            if (done.IsCompletedSuccessfully)
            {
                return done.Result;
            }
        }
    }

    /// <summary>A report must not move anything if it is of another generation than its caller's.</summary>
    public Task<BreakerSnapshot> ReportAsync(BreakerReport report) => SendAsync(
        breaker =>
        {
            var before = _stored;
            var isStale = (before.Callers.GetValueOrDefault(report.Caller) ?? before.Cluster).Generation != report.Generation;
            var answer = breaker.ReportAsync(report);
            if (isStale)
            {
                StaleReports++;
                Assert.Same(before, _stored);
            }

            return answer;
        },
        mayRepeat: true);

    public Task<ProbeReply> TryAcquireProbeAsync(string caller, long version, BreakerSettings settings) => SendAsync(breaker =>
    {
        var answer = breaker.TryAcquireProbeAsync(caller, version, settings);
        if (answer is { IsCompletedSuccessfully: true, Result.PermitId: not 0 and var permit })
        {
            Assert.True(_issued.TryAdd(permit, time.Now), $"Permit {permit} was given twice.");
        }

        return answer;
    });

    /// <summary>Nor must a probe that has lapsed, or was of an earlier generation.</summary>
    public Task<BreakerSnapshot> ReportProbeAsync(string caller, long permit, CallOutcome outcome) => SendAsync(breaker =>
    {
        var before = _stored;
        var isStale = !before.Cluster.Permits.Concat(before.Callers.Values.SelectMany(circuit => circuit.Permits)).Contains(permit);
        var answer = breaker.ReportProbeAsync(caller, permit, outcome);
        if (isStale)
        {
            // Except that it is no longer under way.
            StaleProbes++;
            Assert.Equal(before.Cluster, _stored.Cluster);
            Assert.Equal(before.CallerCircuits.AsEnumerable(), _stored.CallerCircuits);
            Assert.Equal(before.History.AsEnumerable(), _stored.History);
        }

        return answer;
    });

    public Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, long version, IBreakerObserver observer) =>
        SendAsync(breaker => breaker.SubscribeAsync(caller, epoch, version, new LossyObserver(this, observer)));

    private Task<T> SendAsync<T>(Func<ClusterBreaker, Task<T>> execute, bool mayRepeat = false)
    {
        var answer = new TaskCompletionSource<T>();
        time.After(TimeSpan.FromSeconds(1), () => answer.TrySetException(new TimeoutException()));
        if (Happens(Troubles.LostRequests))
        {
            LostMessages++;
            return answer.Task;
        }

        time.After(Delay(), () => Arrive(execute, answer));
        if (mayRepeat && Happens(Troubles.Repeats))
        {
            RepeatedReports++;
            time.After(Delay(), () => Arrive(execute, new TaskCompletionSource<T>()));
        }

        return answer.Task;
    }

    private void Arrive<T>(Func<ClusterBreaker, Task<T>> execute, TaskCompletionSource<T> answer)
    {
        var executed = execute(Route().Breaker);
        Assert.True(executed.IsCompleted, "Nothing in a simulation waits for anything but its events.");
        if (Happens(Troubles.LostAnswers))
        {
            LostMessages++;
            return;
        }

        time.After(Delay(), () =>
        {
            if (executed.Exception is { } fault)
            {
                answer.TrySetException(fault.InnerExceptions);
            }
            else
            {
                answer.TrySetResult(executed.Result);
            }
        });
    }

    private TimeSpan Delay() => TimeSpan.FromMilliseconds(Happens(Troubles.Delays) ? random.Next(3_000) : random.Next(1, 10));

    private Activation Route()
    {
        if (_activations.Count == 0)
        {
            Activate();
        }

        return _activations[random.Next(_activations.Count)];
    }

    private void Activate()
    {
        _activations.Add(new Activation(this));
        MostActivations = Math.Max(MostActivations, _activations.Count);
    }

    private void Write(BreakerRecord next, ref long etag)
    {
        if (Happens(Troubles.FailedWrites))
        {
            throw new TimeoutException("The write was not sent.");
        }

        if (etag != _etag)
        {
            Conflicts++;
            throw new InconsistentStateException("Another activation has written.");
        }

        (_stored, etag) = (next, ++_etag);
        if (Happens(Troubles.FailedWrites))
        {
            throw new TimeoutException("The write's answer was lost.");
        }
    }

    private sealed class Activation : IPersistentState<BreakerRecord>, IClusterClock
    {
        private readonly SimulatedBreakerCluster _cluster;
        private long _etag;

        public Activation(SimulatedBreakerCluster cluster)
        {
            _cluster = cluster;
            (State, _etag) = (cluster._stored, cluster._etag);
            var clock = cluster.Clock();
            Breaker = new ClusterBreaker(
                "payments", this, () => cluster._activations.Remove(this), this, clock, cluster.Random, [], NullLogger.Instance);
            Breaker.Restore();
        }

        public ClusterBreaker Breaker { get; }

        public BreakerRecord State { get; set; }

        public string Etag => $"{_etag}";

        public bool RecordExists => _etag > 0;

        public ClusterTime? Read() => null;

        public Task ReadStateAsync()
        {
            (State, _etag) = (_cluster._stored, _cluster._etag);
            return Task.CompletedTask;
        }

        public Task WriteStateAsync()
        {
            try
            {
                _cluster.Write(State, ref _etag);
                return Task.CompletedTask;
            }
            catch (Exception exception)
            {
                return Task.FromException(exception);
            }
        }

        public Task ClearStateAsync() => throw new NotSupportedException();
    }

    private sealed class LossyObserver(SimulatedBreakerCluster cluster, IBreakerObserver observer) : IBreakerObserver
    {
        public Task StateChangedAsync(BreakerSnapshot snapshot)
        {
            if (!cluster.Happens(cluster.Troubles.LostRequests))
            {
                cluster.After(() => observer.StateChangedAsync(snapshot));
            }

            return Task.CompletedTask;
        }
    }

    private Random Random => random;

    private TimeProvider Clock() => time.Clock(0.99 + (0.02 * random.NextDouble()), TimeSpan.FromDays(random.Next(-100, 100)));

    private void After(Action action) => time.After(Delay(), action);
}
