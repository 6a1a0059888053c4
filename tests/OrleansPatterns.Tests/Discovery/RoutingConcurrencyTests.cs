using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Many threads that pick, end calls and change the list at once.</summary>
public sealed class RoutingConcurrencyTests
{
    private const int Threads = 8;

    private readonly TestRouter _router = new(new DiscoveryOptions { EjectFor = TimeSpan.FromSeconds(1) }, random: Random.Shared);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Picks_OnManyThreadsWhileTheListChanges_LoseNoCallsUnderWay()
    {
        const int Picks = 100_000;
        _router.Show("abcdef");
        var running = Threads;
        var picking = Enumerable.Range(0, Threads).Select(thread => Task.Run(
            () =>
            {
                var chance = new Random(thread);
                for (var pick = 0; pick < Picks; pick++)
                {
                    var routed = _router.Router.Pick(null, (LoadBalancing)chance.Next(1, 6), "key")!;
                    routed.Begin();
                    routed.End(chance.Next(3) switch { 0 => true, 1 => false, _ => null });
                }

                Interlocked.Decrement(ref running);
            },
            Token)).ToArray();

        // The first six stay, and a seventh comes and goes; ejections end all the time.
        for (var change = 0; Volatile.Read(ref running) > 0 && picking.All(task => !task.IsFaulted); change++)
        {
            _router.Show(change % 2 == 0 ? "abcdefg" : "abcdef");
            _router.Time.Advance(TimeSpan.FromMilliseconds(300));
        }

        await Task.WhenAll(picking);
        _router.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(new int[6], "abcdef".Select(id => _router.Routed($"{id}").UnderWay));
    }

    /// <summary>With 80 errors to eject none of the 80 may be lost; with 5, those after them must not eject again.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(80)]
    public async Task Errors_OnManyThreadsAtOnce_EjectOnce(int ejectAfterErrors)
    {
        for (var round = 0; round < 200; round++)
        {
            var router = new TestRouter(new DiscoveryOptions { EjectAfterErrors = ejectAfterErrors, MaxEjectedShare = 1 }, random: Random.Shared).Show("ab");
            var routed = router.Routed("a");
            using var together = new Barrier(Threads);
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    together.SignalAndWait(Token);
                    for (var call = 0; call < 10; call++)
                    {
                        routed.Begin();
                        routed.End(succeeded: false);
                    }
                },
                Token,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));

            Assert.Equal((1, 0), (routed.Ejection.Times, routed.UnderWay));
            Assert.InRange(routed.Ejection.EndsAt.TotalSeconds, 30, 33);
        }
    }
}
