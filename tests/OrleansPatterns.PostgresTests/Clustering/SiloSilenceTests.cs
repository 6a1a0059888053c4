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
            Assert.Null(Turn(One, Two));
        }
    }

    [Fact]
    public void Look_AtSiloThatNoLongerWrites_FindsItWhenTheLimitIsOver()
    {
        KeepPace(One, Two);

        for (var turn = 1; turn < 5; turn++)
        {
            Assert.Null(Turn(One));
        }

        Assert.Equal(Two, Turn(One));
        Assert.Null(Turn(One));
    }

    [Fact]
    public void Look_AtSiloThatWritesAgain_ForgivesIt()
    {
        KeepPace(One, Two);
        for (var turn = 1; turn < 5; turn++)
        {
            Turn(One);
        }

        Turn(One, Two);

        for (var turn = 1; turn < 5; turn++)
        {
            Assert.Null(Turn(One));
        }
    }

    [Fact]
    public void Look_WhoseClockIsOff_Counts()
    {
        KeepPace(One, Two);

        // It writes all the time, and always of yesterday.
        for (var turn = 0; turn < 10; turn++)
        {
            _table[Two] = new DateTime(2026, 11, 1, 0, 0, turn, DateTimeKind.Utc);
            Assert.Null(Turn(One));
        }
    }

    [Fact]
    public void Look_AfterAPauseOfItsOwn_CountsAnew()
    {
        KeepPace(One, Two);
        for (var turn = 1; turn < 5; turn++)
        {
            Turn(One);
        }

        _now += 3 * Pace;

        for (var turn = 0; turn < 5; turn++)
        {
            Assert.Null(Turn(One));
        }

        Assert.Equal(Two, Turn(One));
    }

    [Fact]
    public void Look_AtSiloThatNeverWroteOften_LeavesItAlone()
    {
        for (var turn = 0; turn < 60; turn++)
        {
            // As Orleans does by itself.
            Assert.Null(turn % 15 == 0 ? Turn(One, Two) : Turn(One));
        }
    }

    [Fact]
    public void Look_WhenMoreThanHalfAreSilent_BlamesNobody()
    {
        KeepPace(One, Two, Three);

        for (var turn = 0; turn < 20; turn++)
        {
            Assert.Null(Turn());
        }
    }

    [Fact]
    public void Look_OfTwoSilos_MayBlameTheOther()
    {
        KeepPace(One);
        for (var turn = 1; turn < 5; turn++)
        {
            Turn();
        }

        Assert.Equal(One, Turn());
    }

    [Fact]
    public void Look_AtSiloThatIsGone_ForgetsIt()
    {
        KeepPace(One, Two);
        _table.Remove(Two);
        Turn(One);
        _table[Two] = DateTime.UnixEpoch;

        for (var turn = 0; turn < 20; turn++)
        {
            Assert.Null(Turn(One));
        }
    }

    [Fact]
    public void Look_AtSiloThatWroteOftenOnlyTwice_LeavesItAlone()
    {
        // It is there, and writes twice in pace: by chance, as it may.
        Turn(One, Two);
        Turn(One, Two);
        Turn(One, Two);

        for (var turn = 0; turn < 20; turn++)
        {
            Assert.Null(Turn(One));
        }
    }

    [Fact]
    public void Look_AtHalfOfFour_BlamesNobody()
    {
        KeepPace(One, Two, Three);

        for (var turn = 0; turn < 20; turn++)
        {
            Assert.Null(Turn(One));
        }
    }

    [Fact]
    public void Look_AtTwoOfFive_BlamesThemOneAfterTheOther()
    {
        var four = Silo(4);
        KeepPace(One, Two, Three, four);
        Turn(One, Two, Three);
        for (var turn = 1; turn < 4; turn++)
        {
            Assert.Null(Turn(One, Two));
        }

        Assert.Equal(four, Turn(One, Two));
        _table.Remove(four);
        for (var turn = 1; turn < 5; turn++)
        {
            Assert.Null(Turn(One, Two));
        }

        Assert.Equal(Three, Turn(One, Two));
    }

    /// <summary>What the answer says may be as old as the question.</summary>
    [Fact]
    public void Look_ThatTookLong_CountsFromTheQuestion()
    {
        KeepPace(One, Two);
        for (var turn = 1; turn < 4; turn++)
        {
            Turn(One);
        }

        _now += Pace;
        _table[One] = DateTime.UnixEpoch + _now;
        Assert.Null(_silence.Look(_table, askedAt: _now, _now + (1.5 * Pace)));
    }

    /// <summary>Long enough to be expected to go on.</summary>
    private void KeepPace(params SiloAddress[] writing)
    {
        for (var turn = 0; turn < 4; turn++)
        {
            Turn(writing);
        }
    }

    /// <summary>These write, and then this silo looks.</summary>
    private SiloAddress? Turn(params SiloAddress[] writing)
    {
        _now += Pace;
        foreach (var silo in writing)
        {
            _table[silo] = DateTime.UnixEpoch + _now;
        }

        return _silence.Look(_table, askedAt: _now, _now);
    }

    private static SiloAddress Silo(int port) => SiloAddress.New(IPAddress.Loopback, port, generation: 1);
}
