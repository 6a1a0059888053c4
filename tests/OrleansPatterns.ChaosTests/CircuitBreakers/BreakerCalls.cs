using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>Makes calls through one breaker as pipelines do, so that it is known which of them are probes.</summary>
internal sealed class BreakerCalls(CircuitBreaker breaker, HistoryWriter history, TimeProvider time)
{
    private readonly Lock _gate = new();
    private (long First, long Last, int Count) _passed;

    internal CircuitBreaker Breaker => breaker;

    internal async Task RunAsync(Random random, CancellationToken quiet)
    {
        while (!quiet.IsCancellationRequested)
        {
            await WaitAsync(random.Next(25, 45));

            // Before it is decided: a pause afterwards does not make it later.
            var at = MonotonicClock.Now;
            var wasAlone = breaker.Knowledge.IsAlone;
            var admission = breaker.Admit();
            if (admission.View is not null)
            {
                await PassAsync(admission, wasAlone || breaker.Knowledge.IsAlone ? null : at, random.Next(10));
            }
            else if (!admission.IsDecided)
            {
                await AskAsync(random);
            }
        }
    }

    /// <summary>Notes what calls passed since the last time.</summary>
    internal void NotePassed()
    {
        (long First, long Last, int Count) passed;
        lock (_gate)
        {
            (passed, _passed) = (_passed, default);
        }

        if (passed.Count > 0)
        {
            history.Note(BreakerActions.Pass, breaker.Name, passed.Count, passed.First, passed.Last);
        }
    }

    private async Task PassAsync(Admission admission, long? at, int milliseconds)
    {
        if (at is { } now)
        {
            lock (_gate)
            {
                _passed = (_passed.Count == 0 ? now : Math.Min(_passed.First, now), Math.Max(_passed.Last, now), _passed.Count + 1);
            }
        }

        await WaitAsync(milliseconds);
        breaker.Complete(admission, Outcome());
    }

    private async Task AskAsync(Random random)
    {
        using var patience = new CancellationTokenSource();
        if (random.Next(20) == 0)
        {
            patience.CancelAfter(random.Next(50));
        }

        var ask = history.Call(BreakerActions.Ask, breaker.Name);
        Admission admission;
        try
        {
            admission = await breaker.AdmitProbeAsync(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            ask.Refused("given up");
            return;
        }
        catch (Exception exception)
        {
            ask.Unknown(exception);
            return;
        }

        await GoOnAsync(ask, admission, random);
    }

    private async Task GoOnAsync(OpenOperation ask, Admission admission, Random random)
    {
        if (admission.Refusal is { } refusal)
        {
            ask.Refused(refusal.GetType().Name);
            await WaitAsync(random.Next(100));
        }
        else if (admission.Probe is { } permit)
        {
            ask.Ok(permit.Id, permit.IsAlone ? BreakerActions.Alone : null);
            await ProbeAsync(admission, permit.Id, random);
        }
        else
        {
            ask.Ok(value: breaker.Knowledge.IsAlone ? BreakerActions.Alone : null);
            await PassAsync(admission, at: null, random.Next(10));
        }
    }

    private async Task ProbeAsync(Admission admission, long permit, Random random)
    {
        var probe = history.Call(BreakerActions.Probe, breaker.Name, permit);

        // Now and then for longer than the permit is good.
        await WaitAsync(random.Next(10) == 0 ? random.Next(1_000, 3_000) : random.Next(50, 400));
        probe.Ok(permit);
        var tell = history.Call(BreakerActions.Tell, breaker.Name, permit);
        try
        {
            await breaker.CompleteAsync(admission, random.Next(20) == 0 ? CallOutcome.Cancelled : Outcome());
            tell.Ok(permit);
        }
        catch (Exception exception)
        {
            tell.Unknown(exception);
        }
    }

    private CallOutcome Outcome() => ChaosBreakers.Fails(breaker.Name, MonotonicClock.Now) ? CallOutcome.Failed : CallOutcome.Succeeded;

    private Task WaitAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, CancellationToken.None);
}
