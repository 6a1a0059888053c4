using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Checks the instances of one list that ask for it, each by a timer of its own.</summary>
/// <remarks>Checks are made by the silo that has the list, so that an instance with a thousand callers is asked by one.</remarks>
/// <param name="grain">Whose timers they are.</param>
/// <param name="prober">Makes the checks.</param>
/// <param name="gate">Whether there are any.</param>
/// <param name="judge">Is told when an instance is to be Down for what its checks say, or is not any more, and why.</param>
internal sealed class ServiceHealth(IGrainBase grain, IHealthProber prober, HealthCheckGate gate, Func<string, bool, string?, Task> judge)
{
    private readonly Dictionary<string, Checked> _checked = new(StringComparer.Ordinal);

    /// <summary>Begins and ends checks as the list is now.</summary>
    public void Follow(ServiceRecord record)
    {
        if (gate.IsClosed)
        {
            return;
        }

        foreach (var leased in record.Instances)
        {
            if (leased.Instance.HealthCheck is { } check)
            {
                Follow(leased, check);
            }
        }

        foreach (var (id, known) in _checked.Where(known => record.Find(known.Key)?.Instance.HealthCheck is null).ToList())
        {
            known.Timer?.Dispose();
            _checked.Remove(id);
        }
    }

    /// <summary>What the last check of an instance found wrong; <see langword="null"/>: nothing, or it is not checked.</summary>
    public string? FaultOf(string instanceId) => _checked.GetValueOrDefault(instanceId)?.Fault;

    private void Follow(LeasedInstance leased, InstanceHealthCheck check)
    {
        var target = leased.Instance.Target(check);
        if (_checked.TryGetValue(leased.Id, out var known))
        {
            if (known.Check == check && known.Target == target)
            {
                // An instance that was registered anew may have been acquitted by that.
                known.Tally = known.Tally.IsDown == leased.IsUnwell ? known.Tally : new HealthTally(0, 0, leased.IsUnwell);
                return;
            }

            known.Timer?.Dispose();
        }

        var next = new Checked(leased.Instance, check, target) { Tally = new HealthTally(0, 0, leased.IsUnwell) };
        _checked[leased.Id] = next;
        next.Timer = grain.RegisterGrainTimer(
            CheckAsync, next, new GrainTimerCreationOptions(TimeSpan.Zero, check.Interval) { Interleave = true });
    }

    private async Task CheckAsync(Checked known, CancellationToken cancellationToken)
    {
        var reason = await prober.ProbeAsync(known.Instance, known.Check, cancellationToken);
        var before = known.Tally.IsDown;
        known.Fault = reason;
        known.Tally = known.Tally.Next(reason is null, known.Check);

        // The list may have changed meanwhile, and with it what was asked.
        if (known.Tally.IsDown != before && _checked.GetValueOrDefault(known.Instance.Id) == known)
        {
            await judge(known.Instance.Id, known.Tally.IsDown, reason);
        }
    }

    private sealed record Checked(ServiceInstance Instance, InstanceHealthCheck Check, Uri Target)
    {
        public HealthTally Tally { get; set; }

        public string? Fault { get; set; }

        public IGrainTimer? Timer { get; set; }
    }
}
