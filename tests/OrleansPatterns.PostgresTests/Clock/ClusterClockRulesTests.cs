using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using OrleansPatterns.Postgres.Clock;

namespace OrleansPatterns.PostgresTests.Clock;

/// <summary>Instants of the silo are milliseconds since its start, those of the server milliseconds since <see cref="Epoch"/>.</summary>
public sealed class ClusterClockRulesTests
{
    private const double Microsecond = 0.001;

    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ClusterClockRules Rules = new(ClusterClockRules.MaxDrift);

    [Theory]
    [InlineData(1_040, 100_000, 100_040.4)]
    [InlineData(1_041, 100_000.99, 100_041.41)]
    [InlineData(2_040, 100_990, 101_050.4)]
    [InlineData(6_040, 104_950, 105_090.4)]
    [InlineData(21_040, 119_800, 120_240.4)]
    public void Read_GetsWiderFromBothEndsOfTheRoundTrip(double now, double earliest, double latest) => AssertReads(
        earliest - Microsecond, latest + Microsecond, Measured(sentAt: 1_000, serverTime: 100_000, receivedAt: 1_040), now);

    [Fact]
    public void Read_BeforeTheFirstMeasurement_IsUnknown() => Assert.Null(Rules.Read(ClusterClockState.Unmeasured, Silo(1_000)));

    [Fact]
    public void Read_OfAMeasurementThatIsTooOld_IsUnknown()
    {
        var state = Measured(sentAt: 1_000, serverTime: 100_000, receivedAt: 1_000);
        Assert.NotNull(Rules.Read(state, Silo(31_000)));
        Assert.Null(Rules.Read(state, Silo(31_000.001)));
    }

    /// <summary>500 ms of round trip are 505 ms, and 495 ms are 2 % of 24.75 s.</summary>
    [Fact]
    public void Read_ThatHasBecomeTooWide_IsUnknown()
    {
        var state = Measured(sentAt: 1_000, serverTime: 100_000, receivedAt: 1_500);
        Assert.NotNull(Rules.Read(state, Silo(1_500 + 24_749)));
        Assert.Null(Rules.Read(state, Silo(1_500 + 24_751)));
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(500.001, false)]
    public void Measure_ThatTookLong_IsIgnored(double roundTrip, bool counts)
    {
        var state = Measured(sentAt: 1_000, serverTime: 100_000, receivedAt: 1_000 + roundTrip);
        Assert.Equal(counts, Rules.Read(state, Silo(1_000 + roundTrip)) is not null);
        Assert.Equal(counts, !ReferenceEquals(ClusterClockState.Unmeasured, state));
    }

    /// <summary>After 5 s the first measurement, of 10 ms, is 110.1 ms wide.</summary>
    [Theory]
    [InlineData(108, true)]
    [InlineData(110, false)]
    [InlineData(600, false)]
    public void Measure_Again_TakesTheNarrowerOfBoth(double roundTrip, bool isNewer)
    {
        var first = Measured(sentAt: 0, serverTime: 100_000, receivedAt: 10);
        var measurement = Measurement(sentAt: 5_010 - roundTrip, serverTime: 105_000, receivedAt: 5_010);
        var second = Rules.Measure(first, measurement);
        Assert.Same(isNewer ? measurement : first.Measurement, second.Measurement);
        Assert.Null(second.TrustedFrom);
    }

    /// <summary>5 s after a measurement without delay, between 104,949.999 and 105,050.001 are expected, and a new one adds 0.001 itself.</summary>
    [Theory]
    [InlineData(104_949.997, true)]
    [InlineData(104_949.998, false)]
    [InlineData(105_050.002, false)]
    [InlineData(105_050.003, true)]
    [InlineData(0, true)]
    [InlineData(10_000_000, true)]
    public void Measure_OutsideOfWhatIsExpected_StartsTheQuarantine(double serverTime, bool isStep)
    {
        var measurement = Measurement(sentAt: 5_000, serverTime, receivedAt: 5_000);
        var state = Rules.Measure(Measured(sentAt: 0, serverTime: 100_000, receivedAt: 0), measurement);
        Assert.Same(measurement, state.Measurement);
        Assert.Equal(isStep ? Silo(5_000) + ClusterClockRules.Quarantine : null, state.TrustedFrom);
        Assert.Equal(isStep, Rules.Read(state, Silo(5_000)) is null);
    }

    [Fact]
    public void Measure_ThatTookLong_StillShowsAStep()
    {
        var state = Rules.Measure(
            Measured(sentAt: 0, serverTime: 100_000, receivedAt: 0), Measurement(sentAt: 4_000, serverTime: 160_000, receivedAt: 5_000));
        Assert.Equal(Silo(5_000) + ClusterClockRules.Quarantine, state.TrustedFrom);
    }

    [Fact]
    public void Quarantine_IsOverAfterElevenMinutes()
    {
        const double End = 5_000 + (11 * 60_000);
        var state = Rules.Measure(
            Measured(sentAt: 0, serverTime: 100_000, receivedAt: 0), Measurement(sentAt: 5_000, serverTime: 200_000, receivedAt: 5_000));
        state = Rules.Measure(state, Measurement(sentAt: End - 1_000, serverTime: 859_000, receivedAt: End - 1_000));
        Assert.Null(Rules.Read(state, Silo(End - 0.001)));
        AssertReads(859_990 - Microsecond, 860_010 + Microsecond, state, End);
    }

    [Fact]
    public void Quarantine_WithAnotherStep_StartsAnew()
    {
        var state = Rules.Measure(
            Measured(sentAt: 0, serverTime: 100_000, receivedAt: 0), Measurement(sentAt: 5_000, serverTime: 200_000, receivedAt: 5_000));
        state = Rules.Measure(state, Measurement(sentAt: 10_000, serverTime: 110_000, receivedAt: 10_000));
        Assert.Equal(Silo(10_000) + ClusterClockRules.Quarantine, state.TrustedFrom);
    }

    [Fact]
    public void Constants_AreWhatTheLocksRelyOn()
    {
        Assert.Equal(0.01, ClusterClockRules.MaxDrift);
        Assert.True(ClusterClockRules.Quarantine * 0.99 > (LockBounds.MaxLease * 1.01) + ClusterClockRules.MaxAge);
    }

    private static void AssertReads(double earliest, double latest, ClusterClockState state, double now) =>
        Assert.Equal(new ClusterTime(Server(earliest), Server(latest)), Rules.Read(state, Silo(now)));

    private static ClusterClockState Measured(double sentAt, double serverTime, double receivedAt) =>
        Rules.Measure(ClusterClockState.Unmeasured, Measurement(sentAt, serverTime, receivedAt));

    private static ClockMeasurement Measurement(double sentAt, double serverTime, double receivedAt) =>
        new(Silo(sentAt), Server(serverTime), Silo(receivedAt));

    private static TimeSpan Silo(double milliseconds) => TimeSpan.FromTicks((long)Math.Round(milliseconds * TimeSpan.TicksPerMillisecond));

    private static DateTimeOffset Server(double milliseconds) => Epoch + Silo(milliseconds);
}
