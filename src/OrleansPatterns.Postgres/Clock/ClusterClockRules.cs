using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Postgres.Clock;

/// <summary>Decides what a silo may say of the server's clock. Instants are those of the silo's monotonic clock.</summary>
/// <remarks>
/// <para>
/// Between steps of the server's clock a reading is right: it is what <see cref="ClockMeasurement.At"/> derives from one measurement. A step,
/// or another server with another clock after a failover, shows in the next measurement, which does not fit what is expected. Until then all
/// silos that measured before the step go on with the old clock, and so agree among themselves. Then each of them says nothing for the
/// <see cref="Quarantine"/>, so that nobody compares an instant of the old clock with the new one. Measuring goes on meanwhile, and a further
/// step starts the quarantine anew.
/// </para>
/// <para>
/// What measurements cannot show: a step that happened before the silo's first one, and a step shorter than the error of what was expected
/// and of the measurement together. That is some 0.1 s while measurements succeed, and 2 % of the time for which they did not.
/// </para>
/// </remarks>
/// <param name="maxDrift">See <see cref="MaxDrift"/>; a simulation shows what another one leads to.</param>
internal sealed class ClusterClockRules(double maxDrift)
{
    /// <summary>As in the locks: two machines may count a duration differently by 1 %, slewing of their clocks included.</summary>
    internal const double MaxDrift = 0.01;

    /// <summary>Beyond that the clock is of little use, and a measurement that takes so long is better made again.</summary>
    internal static readonly TimeSpan MaxRoundTrip = TimeSpan.FromMilliseconds(500);

    /// <summary>For how long a measurement serves. It bounds how long the old clock is read after a step that cannot be seen.</summary>
    internal static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(30);

    /// <summary>Who waits for an instant to pass waits that much too long.</summary>
    internal static readonly TimeSpan MaxError = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Until nobody relies on an instant of the old clock any more. It may have been read for another <see cref="MaxAge"/>, for a promise that
    /// lasts as long as the longest lease (<see cref="LockBounds.MaxLease"/>, 10 minutes) and is counted 1 % too slowly; the rest is to be sure.
    /// </summary>
    internal static readonly TimeSpan Quarantine = TimeSpan.FromMinutes(11);

    internal ClusterClockState Measure(ClusterClockState state, ClockMeasurement measurement)
    {
        if (state.Measurement is { } current)
        {
            var expected = current.At(measurement.ReceivedAt, maxDrift);
            var measured = measurement.At(measurement.ReceivedAt, maxDrift);
            if (measured.Latest < expected.Earliest || measured.Earliest > expected.Latest)
            {
                // However long it took: its interval is wide, but no less right.
                return state with { Measurement = measurement, TrustedFrom = measurement.ReceivedAt + Quarantine };
            }

            if (Error(expected) < Error(measured))
            {
                return state;
            }
        }

        return measurement.RoundTrip > MaxRoundTrip ? state : state with { Measurement = measurement };
    }

    /// <param name="state">What is known.</param>
    /// <param name="now">Not before the state's measurement.</param>
    internal ClusterTime? Read(ClusterClockState state, TimeSpan now)
    {
        if (state.Measurement is not { } measurement || now < state.TrustedFrom || now - measurement.ReceivedAt > MaxAge)
        {
            return null;
        }

        var time = measurement.At(now, maxDrift);
        return Error(time) > MaxError ? null : time;
    }

    private static TimeSpan Error(ClusterTime time) => time.Latest - time.Earliest;
}
