using OrleansPatterns.Server.Discovery;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>
/// Instances that beat, pause, die, leave and come back, in a registry whose activations end at any time and count on clocks that run at other rates.
/// Replayed from its seed.
/// </summary>
public sealed class ServiceSimulationTests
{
    private const int Instances = 40;

    private static readonly TimeSpan Step = Seconds(0.25);
    private static readonly TimeSpan Beat = Seconds(5);

    /// <summary>By how much an activation's clock may run too fast or too slow.</summary>
    private const double Skew = 0.01;

    private readonly Dictionary<string, Process> _processes = Names(Instances).ToDictionary(id => id, _ => new Process());
    private ServiceRecord _record = new();
    private ServiceLeases _leases = new();
    private TimeSpan _activatedAt;
    private double _rate = 1;
    private int _removed;
    private int _protections;
    private int _lapses;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void NobodyWhoLivesIsRemoved_AndTheDeadAreDownInTime(int seed)
    {
        var random = new Random(seed);
        var isCut = false;
        for (var now = Step; now < TimeSpan.FromHours(2); now += Step)
        {
            if (random.Next(2_400) == 0)
            {
                // The silo dies: nothing but the record is left, and it may have been handed on by then.
                (_leases, _activatedAt, _rate) = (new ServiceLeases(), now, 1 + (Skew * ((2 * random.NextDouble()) - 1)));
            }

            // The network between half of them and the registry.
            isCut = random.Next(isCut ? 240 : 4_800) == 0 ? !isCut : isCut;

            foreach (var (number, (id, process)) in _processes.Index())
            {
                Live(id, process, now, random, isReachable: !isCut || number >= Instances / 2);
            }

            Expire(now);
            Check(now);
        }

        // What never happened was not checked.
        Assert.True(_removed > 10 && _protections > 2 && _lapses > 30, $"{_removed} removed, {_protections} times protected, {_lapses} lapsed.");
    }

    private void Live(string id, Process process, TimeSpan now, Random random, bool isReachable)
    {
        switch (random.Next(20_000))
        {
            case 0:
                process.IsAlive = !process.IsAlive;
                break;
            case 1:
                // A pause, shorter or longer than a lease.
                process.BeatsAt = now + Seconds(60 * random.NextDouble());
                break;
            case 2 when process.IsAlive && isReachable:
                process.IsAlive = false;
                process.HeardAt = null;
                _record = ServiceRules.Remove(_record, id);
                _leases.Forget(id);
                break;
        }

        if (process.IsAlive && now >= process.BeatsAt && isReachable)
        {
            process.BeatsAt = now + Beat;
            process.HeardAt = now;
            _leases.Hear(id, On(now));
            _record = _record.Find(id) is null
                ? ServiceRules.Register(_record, Instance(id), Epoch)
                : ServiceRules.Hear(_record, id);
        }
    }

    private void Expire(TimeSpan now)
    {
        var before = _record;
        _record = _leases.Expire(_record, On(now));
        _lapses += _record.Instances.Count(leased => leased.IsLapsed) > before.Instances.Count(leased => leased.IsLapsed) ? 1 : 0;
        _protections += _record.IsProtected && !before.IsProtected ? 1 : 0;
        foreach (var gone in before.Instances.Where(leased => _record.Find(leased.Id) is null))
        {
            _removed++;
            _leases.Forget(gone.Id);
            var silence = now - Max(_processes[gone.Id].HeardAt ?? TimeSpan.Zero, _activatedAt);
            Assert.True(silence >= Seconds(60 * (1 - Skew)), $"{gone.Id} was removed after {silence} of silence.");
            Assert.False(_record.IsProtected);
        }

        Assert.True(_record.Version >= before.Version);
    }

    private void Check(TimeSpan now)
    {
        foreach (var leased in _record.Instances)
        {
            var silence = now - Max(_processes[leased.Id].HeardAt ?? TimeSpan.Zero, _activatedAt);
            if (leased.IsLapsed)
            {
                // Also one that had lapsed before the activation began.
                Assert.True(now - _processes[leased.Id].HeardAt >= Seconds(15 * (1 - Skew)), $"{leased.Id} lapsed too soon.");
            }
            else
            {
                Assert.True(silence < Seconds(15 * (1 + Skew)) + Step, $"{leased.Id} is up after {silence} of silence.");
            }

            Assert.True(_record.IsProtected || silence < Seconds(60 * (1 + Skew)) + Step, $"{leased.Id} is listed after {silence} of silence.");
        }
    }

    private TimeSpan On(TimeSpan now) => (now - _activatedAt) * _rate;

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private sealed class Process
    {
        public bool IsAlive { get; set; } = true;

        public TimeSpan BeatsAt { get; set; }

        /// <summary>When the registry has heard of it last; <see langword="null"/>: it has deregistered.</summary>
        public TimeSpan? HeardAt { get; set; }
    }
}
