using OrleansPatterns.Locks;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockReleasesTests
{
    private readonly ObservedTime _time = new();
    private readonly LockReleases _releases;

    public LockReleasesTests() => _releases = new LockReleases(_time);

    [Fact]
    public void Take_OfNothing_IsEmpty() => Assert.Equal([], _releases.Take("a"));

    [Fact]
    public void Take_AnswersEachReleaseOfTheLockOnce()
    {
        var (first, second, other) = (Release(1), Release(2), Release(3));
        _releases.Add("a", first);
        _releases.Add("b", other);
        _releases.Add("a", second);
        Assert.Equal([first, second], _releases.Take("a"));
        Assert.Equal([], _releases.Take("a"));
        Assert.Equal([other], _releases.Take("b"));
    }

    [Fact]
    public void Take_WithoutLaterReleases_StillAnswersAnOldOne()
    {
        _releases.Add("a", Release(1));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([1L], Tokens("a"));
    }

    [Fact]
    public void Add_AfterTwoSeconds_KeepsTheGenerationBefore()
    {
        _releases.Add("a", Release(1));
        _time.Advance(TimeSpan.FromSeconds(2));
        _releases.Add("a", Release(2));
        _time.Advance(TimeSpan.FromMilliseconds(1999));
        _releases.Add("b", Release(3));
        Assert.Equal([1L, 2L], Tokens("a"));
        Assert.Equal([], Tokens("a"));
    }

    [Fact]
    public void Add_AfterTwoSecondsTwice_ForgetsTheGenerationBeforeTheLast()
    {
        _releases.Add("a", Release(1));
        _time.Advance(TimeSpan.FromSeconds(2));
        _releases.Add("a", Release(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        _releases.Add("b", Release(3));
        Assert.Equal([2L], Tokens("a"));
    }

    [Fact]
    public void Add_JustBeforeAGenerationEnds_IsKeptForTwoSecondsAllTheSame()
    {
        _time.Advance(TimeSpan.FromMilliseconds(1999));
        _releases.Add("a", Release(1));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _releases.Add("b", Release(2));
        _time.Advance(TimeSpan.FromMilliseconds(1999));
        _releases.Add("b", Release(3));
        Assert.Equal([1L], Tokens("a"));
    }

    [Fact]
    public void Add_OfMoreThanARequestMayRepeat_KeepsTheLatest()
    {
        for (var token = 1; token <= 18; token++)
        {
            _releases.Add("a", Release(token));
        }

        Assert.Equal(Enumerable.Range(3, 16).Select(token => (long)token), Tokens("a"));
    }

    [Fact]
    public void Take_OfTwoGenerationsWithMoreThanARequestMayRepeat_AnswersTheLatest()
    {
        for (var token = 1; token <= 20; token++)
        {
            _releases.Add("a", Release(token));
            if (token == 10)
            {
                _time.Advance(TimeSpan.FromSeconds(2));
            }
        }

        Assert.Equal(Enumerable.Range(5, 16).Select(token => (long)token), Tokens("a"));
    }

    private static LockRelease Release(long token) => new(Guid.NewGuid(), token);

    private IEnumerable<long> Tokens(string key) => _releases.Take(key).Select(release => release.FencingToken);
}
