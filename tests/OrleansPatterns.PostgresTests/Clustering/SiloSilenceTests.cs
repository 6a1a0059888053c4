using System.Net;
using OrleansPatterns.Postgres.Clustering;

namespace OrleansPatterns.PostgresTests.Clustering;

public sealed class SiloSilenceTests
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly SiloAddress One = Silo(1);
    private static readonly SiloAddress Two = Silo(2);
    private static readonly SiloAddress Three = Silo(3);

    private readonly SiloSilence _silence = new(Pace, Limit);
    private readonly Dictionary<SiloAddress, DateTime> _table = [];
    private TimeSpan _now;

    [Fact]
    public void Look_AtSilosThatWrite_FindsNobody()
    {
        for (var turn = 0; turn < 20; turn++)
        {
            Assert.Empty(Turn(One, Two));
        }
    }

    [Fact]
    public void Look_AtSiloThatNoLongerWrites_FindsItWhenTheLimitIsOver()
    {
        Turn(One, Two);
        Turn(One, Two);

        for (var turn = 1; turn < 5; turn++)
        {
            Assert.Empty(Turn(One));
        }

        Assert.Equal([Two], Turn(One));
        Assert.Equal([Two], Turn(One));
    }

    [Fact]
    public void Look_AtSiloThatWritesAgain_ForgivesIt()
    {
        Turn(One, Two);
        Turn(One, Two);
        for (var turn = 1; turn < 5; turn++)
        {
            Turn(One);
        }

        Turn(One, Two);

        for (var turn = 1; turn < 5; turn++)
        {
            Assert.Empty(Turn(One));
        }
    }

    [Fact]
    public void Look_WhoseClockIsOff_Counts()
    {
        Turn(One, Two);
        Turn(One, Two);

        // It writes all the time, and always of yesterday.
        for (var turn = 0; turn < 10; turn++)
        {
            _table[Two] = new DateTime(2026, 11, 1, 0, 0, turn, DateTimeKind.Utc);
            Assert.Empty(Turn(One));
        }
    }

    [Fact]
    public void Look_AfterAPauseOfItsOwn_CountsAnew()
    {
        Turn(One, Two);
        Turn(One, Two);
        for (var turn = 1; turn < 5; turn++)
        {
            Turn(One);
        }

        _now += 3 * Pace;

        for (var turn = 0; turn < 5; turn++)
        {
            Assert.Empty(Turn(One));
        }

        Assert.Equal([Two], Turn(One));
    }

    [Fact]
    public void Look_AtSiloThatNeverWroteOften_LeavesItAlone()
    {
        for (var turn = 0; turn < 60; turn++)
        {
            // As Orleans does by itself.
            Assert.Empty(turn % 15 == 0 ? Turn(One, Two) : Turn(One));
        }
    }

    [Fact]
    public void Look_WhenMoreThanHalfAreSilent_BlamesNobody()
    {
        Turn(One, Two, Three);
        Turn(One, Two, Three);

        for (var turn = 0; turn < 20; turn++)
        {
            Assert.Empty(Turn());
        }
    }

    [Fact]
    public void Look_OfTwoSilos_MayBlameTheOther()
    {
        Turn(One);
        Turn(One);
        for (var turn = 1; turn < 5; turn++)
        {
            Turn();
        }

        Assert.Equal([One], Turn());
    }

    [Fact]
    public void Look_AtSiloThatIsGone_ForgetsIt()
    {
        Turn(One, Two);
        Turn(One, Two);
        _table.Remove(Two);
        Turn(One);
        _table[Two] = DateTime.UnixEpoch;

        for (var turn = 0; turn < 20; turn++)
        {
            Assert.Empty(Turn(One));
        }
    }

    /// <summary>These write, and then this silo looks.</summary>
    private IReadOnlyList<SiloAddress> Turn(params SiloAddress[] writing)
    {
        _now += Pace;
        foreach (var silo in writing)
        {
            _table[silo] = DateTime.UnixEpoch + _now;
        }

        return _silence.Look(_table, _now);
    }

    private static SiloAddress Silo(int port) => SiloAddress.New(IPAddress.Loopback, port, generation: 1);
}
