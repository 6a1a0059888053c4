using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>
/// Many processes and the grain, both with their own code, in a world where messages get lost, late and doubled, clocks differ in rate and in day,
/// silos die, activations multiply and writes fail. Replayed from its seed.
/// </summary>
public sealed class BreakerWorldTests
{
    private static readonly Troubles Bad = new(LostRequests: 0.03, LostAnswers: 0.03, Repeats: 0.1, Delays: 0.05, FailedWrites: 0.02);

    private readonly List<SimulatedBreakerCaller> _callers = [];
    private readonly SimulatedTime _time = new();
    private Random _random = new(0);
    private SimulatedBreakerCluster? _cluster;

    private SimulatedBreakerCluster Cluster => _cluster ?? throw new InvalidOperationException("The world has not begun.");

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 2)]
    [InlineData(6, 3)]
    public void Probes_AreNeverMoreThanAllowed_AndLateResultsChangeNothing(int seed, int concurrentProbes)
    {
        var options = new CircuitBreakerOptions
        {
            MinimumThroughput = 20, FailureRatio = 0.5, ConcurrentProbes = concurrentProbes, SuccessfulProbes = 5, MaxBreakDuration = Seconds(10),
        };
        Begin(seed, 12, options);
        var (most, isWell, opened, closed, alone) = (0, true, 0, 0, 0);
        Cluster.Troubles = Bad;
        Repeat(Seconds(0.01), () =>
        {
            var underWay = _callers.SelectMany(caller => caller.Probes.Values).Count(issuedAt => _time.Now < issuedAt + (options.ProbeLease * 0.97));
            Assert.InRange(underWay, 0, concurrentProbes);
            most = Math.Max(most, underWay);
        });
        Repeat(Seconds(40), () => isWell = !isWell);
        Repeat(Seconds(7), () => Disturb(_random.Next(5)));
        Repeat(Seconds(17), CloseByHand);
        BeginCalls(_ => 200, caller => isWell ? CallOutcome.Succeeded : CallOutcome.Failed);
        var before = Cluster.Stored;
        Repeat(Seconds(0.1), () =>
        {
            opened += Cluster.Stored.Cluster.State == BreakerState.Open && before.Cluster.State != BreakerState.Open ? 1 : 0;
            closed += Cluster.Stored.Cluster.State == BreakerState.Closed && before.Cluster.State != BreakerState.Closed ? 1 : 0;
            alone += _callers.Count(caller => caller.IsCutOff && caller.Breaker.State == BreakerState.Open);
            before = Cluster.Stored;
        });
        _time.RunUntil(Seconds(1_500));

        // What never happened was not checked.
        Assert.Equal(concurrentProbes, most);
        Assert.True(Cluster.MostActivations > 1, "There never were two activations.");
        Assert.True(
            opened > 5 && closed > 5 && alone > 100 && Cluster is { Conflicts: > 0, StaleReports: > 50, LostMessages: > 1_000, RepeatedReports: > 1_000 },
            $"Opened {opened}, closed {closed}, alone {alone}, conflicts {Cluster.Conflicts}, stale {Cluster.StaleReports} and {Cluster.StaleProbes}, "
            + $"lost {Cluster.LostMessages}, repeated {Cluster.RepeatedReports}.");
    }

    /// <summary>Across crashes, after which nobody is known, and with messages that get lost: the first word may be the bad caller's.</summary>
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void OneBadCallerOfTen_NeverOpensTheOthers(int seed)
    {
        Begin(seed, 10, new CircuitBreakerOptions());
        var bad = _callers[3];
        Cluster.Troubles = Bad with { FailedWrites = 0 };
        Repeat(Seconds(5), () => Disturb(_random.Next(3)));
        Repeat(Seconds(7), () =>
        {
            if (_random.Next(2) == 0)
            {
                Cluster.KillAll();
            }

            CloseByHand();
        });
        var hasBegun = false;
        BeginCalls(caller => caller == bad ? 0.5 : 20, caller => caller == bad && hasBegun ? CallOutcome.Failed : CallOutcome.Succeeded);

        // While nobody else has ever reported a call, one caller is all there is.
        _time.RunUntil(Seconds(2));
        hasBegun = true;
        var opened = 0;
        Repeat(Seconds(0.1), () => opened += Cluster.Stored.Callers.GetValueOrDefault(bad.Name)?.State == BreakerState.Open ? 1 : 0);
        _time.RunUntil(Seconds(300));
        Assert.All(_callers, caller => Assert.Equal(caller == bad, caller.Refused > 0));
        Assert.InRange(opened, 500, 3_000);
    }

    /// <summary>No breaker of one process would ever see a hundred calls here.</summary>
    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void TwentyCallersOfSixCallsEach_OpenABreakerThatNeedsAHundred(int seed)
    {
        Begin(seed, 20, new CircuitBreakerOptions());
        Cluster.Troubles = new Troubles(LostAnswers: 0.2, Repeats: 0.5);
        foreach (var caller in _callers)
        {
            for (var call = 0; call < 6; call++)
            {
                _time.After(Seconds(5 + (5 * _random.NextDouble())), () => Watch(caller.CallAsync(Seconds(0.01), () => CallOutcome.Failed)));
            }
        }

        _time.RunUntil(Seconds(13));
        Assert.Equal(BreakerState.Open, Cluster.Stored.History[0].To);
        Assert.Empty(Cluster.Stored.History[0].OnlyCallers);
        var failures = Cluster.Stored.History[0].Callers.Sum(caller => caller.Failures);
        Assert.InRange(failures, 1, 60);
        Assert.All(_callers, caller => Assert.NotEqual(BreakerState.Closed, caller.Breaker.State));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Reports_ThatAreLostAndRepeated_CountOnce(int seed)
    {
        Begin(seed, 8, new CircuitBreakerOptions { MinimumThroughput = 1_000_000, SamplingDuration = TimeSpan.FromHours(1) });
        Cluster.Troubles = new Troubles(LostAnswers: 0.3, Repeats: 0.3, Delays: 0.1);
        BeginCalls(_ => _time.Now < Seconds(120) ? 50 : 1_000_000, _ => _random.Next(2) == 0 ? CallOutcome.Succeeded : CallOutcome.Failed);
        _time.RunUntil(Seconds(60));

        // What was under way belongs to the generation that ends here.
        CloseByHand();
        var made = -_callers.Sum(caller => caller.Passed);
        _time.RunUntil(Seconds(140));
        made += _callers.Sum(caller => caller.Passed);
        var status = Cluster.Command(breaker => breaker.GetStatusAsync());
        Assert.InRange(status.Successes + status.Failures, made / 2, made);
        Assert.InRange(Cluster.RepeatedReports, 200, int.MaxValue);
    }

    /// <summary>The world becomes well, and so does the dependency: everybody must be closed, and all open when it fails for good.</summary>
    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    [InlineData(43)]
    public void AfterAllTroubles_EverybodyAgreesAgain(int seed)
    {
        Begin(seed, 12, new CircuitBreakerOptions { MinimumThroughput = 20, FailureRatio = 0.5 });
        var isWell = false;
        Cluster.Troubles = Bad;
        var isOver = false;
        Repeat(Seconds(3), () => Disturb(isOver ? 0 : _random.Next(5)));
        BeginCalls(_ => 100, caller => isWell ? CallOutcome.Succeeded : CallOutcome.Failed);
        _time.RunUntil(Seconds(200));
        (isOver, isWell, Cluster.Troubles) = (true, true, Troubles.None);
        Disturb(0);
        _time.RunUntil(Seconds(400));
        Assert.All(_callers, caller => Assert.Equal(BreakerState.Closed, caller.Breaker.State));
        Assert.Equal(BreakerState.Closed, Cluster.Stored.Cluster.State);

        // Half of the calls of thirty seconds must fail.
        (isWell, var before) = (false, Cluster.Stored.Version);
        _time.RunUntil(Seconds(420));
        Assert.Contains(Cluster.Stored.History, change => change.Version > before && change.To == BreakerState.Open);
        Assert.All(_callers, caller => Assert.NotEqual(BreakerState.Closed, caller.Breaker.State));
    }

    private void Begin(int seed, int callers, CircuitBreakerOptions options)
    {
        // Whatever waits goes on at once and here, or the seed would not decide the order.
        SynchronizationContext.SetSynchronizationContext(null);
        _random = new Random(seed);
        _cluster = new SimulatedBreakerCluster(_time, _random);
        for (var number = 0; number < callers; number++)
        {
            var caller = new SimulatedBreakerCaller($"caller-{number}", _time, Cluster, _random, options);
            _callers.Add(caller);
            _time.After(Seconds(_random.NextDouble()), () => Watch(caller.RunAsync()));
        }
    }

    private void BeginCalls(Func<SimulatedBreakerCaller, double> meanMilliseconds, Func<SimulatedBreakerCaller, CallOutcome> outcome)
    {
        foreach (var caller in _callers)
        {
            Next(caller);
        }

        void Next(SimulatedBreakerCaller caller) => _time.After(TimeSpan.FromMilliseconds(2 * meanMilliseconds(caller) * _random.NextDouble()), () =>
        {
            // Some hang for longer than a lease, and some callers give up.
            var duration = _random.Next(50) switch { < 3 => Seconds(15 * _random.NextDouble()), _ => Seconds(0.05 * _random.NextDouble()) };
            Watch(caller.CallAsync(duration, () => _random.Next(20) == 0 ? CallOutcome.Cancelled : outcome(caller)));
            Next(caller);
        });
    }

    private void CloseByHand() => Cluster.Command(breaker => breaker.CloseAsync("operator"));

    private void Disturb(int how)
    {
        foreach (var caller in _callers)
        {
            caller.IsCutOff = how == 3 && _random.Next(3) == 0;
        }

        switch (how)
        {
            case 1:
                Cluster.KillAll();
                break;
            case 2:
                Cluster.Split();
                break;
            default:
                Cluster.Join();
                break;
        }
    }

    private void Repeat(TimeSpan interval, Action action) => _time.After(interval, () =>
    {
        action();
        Repeat(interval, action);
    });

    /// <summary>A fault in a process ends the simulation.</summary>
    private void Watch(Task task)
    {
        if (task.IsCompleted)
        {
            task.GetAwaiter().GetResult();
        }
        else
        {
            task.ContinueWith(
                done => _time.After(TimeSpan.Zero, done.GetAwaiter().GetResult), CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.NotOnRanToCompletion, TaskScheduler.Default);
        }
    }
}
