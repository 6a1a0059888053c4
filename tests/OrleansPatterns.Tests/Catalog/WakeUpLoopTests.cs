using System.Threading.Channels;
using OrleansPatterns.Catalog;
using OrleansPatterns.Server.Catalog;

namespace OrleansPatterns.Tests.Catalog;

/// <summary>The loop without silo and database, on a clock that only the test moves. Every call of a grain is answered by the test.</summary>
public sealed class WakeUpLoopTests : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly ObservedTime _time = new();
    private readonly ScriptedCatalog _catalog = new();
    private readonly WakeUpLog _log = new();
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    [Fact]
    public async Task GrainThatHangs_DoesNotHoldUpOthers()
    {
        await StartAsync();
        _catalog.Due("hanging");
        await PollAsync(expected: 1);
        await CalledAsync("hanging");

        foreach (var key in new[] { "a", "b", "c" })
        {
            _catalog.Due(key);
            await PollAsync(expected: 1);
            (await CalledAsync(key)).Succeed();
        }
    }

    [Fact]
    public async Task GrainThatHangs_IsGivenUpAtTheEndOfTheLease()
    {
        await StartAsync();
        _catalog.Due("hanging");
        await PollAsync(expected: 1);
        var call = await CalledAsync("hanging");
        await _time.ArmedAsync(Lease);

        _time.Advance(Lease - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_log.Events);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("6002 Waking test 'hanging' failed, tried 1 times; it comes due again after the delivery lease.", await _log.NextAsync());
        Assert.False(_calls.Reader.TryRead(out _));

        // The late fault is nobody's any more.
        call.Fail("late");
        await StopAsync();
        Assert.Empty(_log.Events);
    }

    [Fact]
    public async Task GrainThatFails_IsTriedAgainAfterGrowingPauses_UntilTheLeaseIsOver()
    {
        await StartAsync();
        _catalog.Due("failing");
        await PollAsync(expected: 1);
        (await CalledAsync("failing")).Fail("down");
        TimeSpan[] pauses = [Poll, 2 * Poll, .. Enumerable.Repeat(TimeSpan.FromSeconds(1), 9)];
        for (var tries = 1; tries <= pauses.Length; tries++)
        {
            Assert.Equal($"6003 Waking test 'failing' failed at try {tries}; it is tried again in {pauses[tries - 1]}.", await _log.NextAsync());
            await _time.ArmedAsync(pauses[tries - 1]);
            _time.Advance(pauses[tries - 1]);
            (await CalledAsync("failing")).Fail("down");
        }

        Assert.Equal("6002 Waking test 'failing' failed, tried 12 times; it comes due again after the delivery lease.", await _log.NextAsync());
    }

    [Fact]
    public async Task GrainWhoseSiloIsGone_IsWokenByTheNextTry_WhileOthersGoOn()
    {
        await StartAsync();
        _catalog.Due("moved", "other");
        await PollAsync(expected: 2);
        (await CalledAsync("moved")).Fail("its silo is gone");
        await _time.ArmedAsync(Poll);
        var other = await CalledAsync("other");

        _catalog.Due("later");
        await PollAsync(expected: 1);
        Call[] calls = [await CalledAsync(), await CalledAsync()];
        Assert.Equal(["later", "moved"], calls.Select(call => call.Key).Order(StringComparer.Ordinal));
        other.Succeed();
        Array.ForEach(calls, call => call.Succeed());

        await StopAsync();
        Assert.Equal(["6003 Waking test 'moved' failed at try 1; it is tried again in 00:00:00.2500000."], _log.Events);
    }

    [Fact]
    public async Task Call_ThatThrowsAtOnce_IsAFailureOfItsRowOnly()
    {
        // Its own fault, and not the way to it: it is not asked again before its row comes due, or enough of its kind would take the place of all others.
        await StartAsync(wake: due => due.Key == "bad" ? throw new ArgumentException("no such grain") : CallAsync(due));
        _catalog.Due("bad", "good");
        await PollAsync(expected: 2);
        (await CalledAsync("good")).Succeed();
        Assert.StartsWith("6002 Waking test 'bad' failed, tried 1 times", await _log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claims_AreAtMostWhatThereIsRoomFor()
    {
        await StartAsync(new WakeUpOptions { BatchSize = 4, MaxInFlight = 10 });
        _catalog.Due(Enumerable.Range(0, 12).Select(number => $"{number:00}"));
        _time.Advance(Poll);
        Assert.Equal([(4, 4), (4, 4)], [await _catalog.ClaimedAsync(), await _catalog.ClaimedAsync()]);
        _time.Advance(Poll);
        Assert.Equal((2, 2), await _catalog.ClaimedAsync());
        var calls = new List<Call>();
        for (var call = 0; call < 10; call++)
        {
            calls.Add(await CalledAsync());
        }

        // One after the other they make room; only for a whole batch is a claim made before the next poll.
        Array.ForEach([.. calls.Take(4)], call => call.Succeed());
        Assert.Equal((4, 2), await _catalog.ClaimedAsync());
        Assert.Equal("10", (await CalledAsync()).Key);
        Assert.Equal("11", (await CalledAsync()).Key);
        await PollAsync(asked: 2, expected: 0);
    }

    [Fact]
    public async Task WithoutRoom_NothingIsClaimed_UntilADeliveryEnds()
    {
        await StartAsync(new WakeUpOptions { MaxInFlight = 1 });
        _catalog.Due("a", "b");
        await PollAsync(asked: 1, expected: 1);
        var first = await CalledAsync("a");
        _time.Advance(Poll);
        _time.Advance(Poll);

        first.Succeed();

        Assert.Equal((1, 1), await _catalog.ClaimedAsync());
        (await CalledAsync("b")).Succeed();
    }

    [Fact]
    public async Task ClaimThatFails_IsTriedAgainAtTheNextPoll()
    {
        await StartAsync();
        _catalog.Fault = new InvalidOperationException("the database is away");
        _catalog.Due("a");
        await PollAsync(expected: 0);
        Assert.Equal("6001 Looking for due wake-ups failed; it is tried again at the next poll.", await _log.NextAsync());
        await PollAsync(expected: 1);
        (await CalledAsync("a")).Succeed();
    }

    [Fact]
    public async Task Stop_EndsWhatHangsAndWhatWaits_WithoutAWarning()
    {
        await StartAsync(new WakeUpOptions { MaxInFlight = 2 });
        _catalog.Due("hanging", "failing", "too many");
        await PollAsync(asked: 2, expected: 2);
        await CalledAsync("hanging");
        (await CalledAsync("failing")).Fail("down");
        await _time.ArmedAsync(Poll);
        Assert.StartsWith("6003", await _log.NextAsync(), StringComparison.Ordinal);

        await StopAsync();

        Assert.Empty(_log.Events);
        Assert.Equal(0, _time.ArmedTimers);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private async Task StartAsync(WakeUpOptions? options = null, Func<DueWakeUp, Task>? wake = null)
    {
        var loop = new WakeUpLoop(_catalog, wake ?? CallAsync, options ?? new WakeUpOptions(), _time, _log);
        _running = loop.RunAsync(_stopping.Token);
        await _time.ArmedAsync(Poll);
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private async Task PollAsync(int expected, int asked = 128)
    {
        _time.Advance(Poll);
        Assert.Equal((asked, expected), await _catalog.ClaimedAsync());
    }

    private Task CallAsync(DueWakeUp due)
    {
        var call = new Call(due.Key);
        _calls.Writer.TryWrite(call);
        return call.Answer;
    }

    private Task<Call> CalledAsync() => _calls.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    private async Task<Call> CalledAsync(string key)
    {
        var call = await CalledAsync();
        Assert.Equal(key, call.Key);
        return call;
    }

    private sealed class Call(string key)
    {
        private readonly TaskCompletionSource _answer = new();

        internal string Key => key;

        internal Task Answer => _answer.Task;

        internal void Succeed() => _answer.SetResult();

        internal void Fail(string message) => _answer.SetException(new SiloUnavailableException(message));
    }
}
