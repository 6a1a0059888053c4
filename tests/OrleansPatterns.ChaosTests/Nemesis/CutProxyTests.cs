using System.Net;
using System.Net.Sockets;

namespace OrleansPatterns.ChaosTests.Nemesis;

public sealed class CutProxyTests : IAsyncLifetime
{
    private readonly EchoServer _server = new();
    private readonly CutProxy _proxy;

    public CutProxyTests() => _proxy = new CutProxy(_server.EndPoint);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    // The proxy first: its callers' streams end with it, and the server waits for the end of its streams.
    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    private Task SwallowedAsync(long bytes) =>
        _proxy.SwallowedAsync(bytes).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Line_NothingCut_IsAnswered()
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);

        Assert.Equal("a", await caller.AskAsync("a"));
        Assert.Equal(Cut.None, _proxy.Cut);
    }

    [Fact]
    public async Task Callers_Many_AreServedSideBySide()
    {
        var callers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => LineStream.ConnectAsync(_proxy.EndPoint)));

        var answers = await Task.WhenAll(callers.Select((caller, index) => caller.AskAsync($"{index}")));

        Assert.Equal(Enumerable.Range(0, 100).Select(index => $"{index}"), answers);
        Array.ForEach(callers, caller => caller.Dispose());
    }

    [Fact]
    public async Task End_OfTheCaller_ReachesTheServerAfterAllLinesAndComesBackAfterAllAnswers()
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        var lines = Enumerable.Range(0, 50).Select(index => new string((char)('a' + (index % 26)), 10_000)).ToArray();
        foreach (var line in lines)
        {
            await caller.SayAsync(line);
        }

        caller.Finish();

        foreach (var line in lines)
        {
            Assert.Equal(line, await caller.HearAsync());
        }

        Assert.Null(await caller.HearAsync());
    }

    [Fact]
    public async Task End_OfTheServer_ReachesTheCaller()
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        var served = await _server.AcceptedAsync();

        served.Finish();

        Assert.Null(await caller.HearAsync());
    }

    [Fact]
    public async Task Line_WayToTargetCut_DoesNotArriveWhileAnswersPass()
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        var served = await _server.AcceptedAsync();

        _proxy.Cut = Cut.ToTarget;
        await caller.SayAsync("lost");
        await SwallowedAsync("lost\n".Length);
        await served.SayAsync("news");

        Assert.Equal("news", await caller.HearAsync());
        _proxy.Cut = Cut.None;
        Assert.Null(await _server.HeardAsync());
        await Assert.ThrowsAsync<IOException>(caller.HearAsync);
    }

    [Fact]
    public async Task Line_WayFromTargetCut_ArrivesWhileItsAnswerIsLost()
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);

        _proxy.Cut = Cut.FromTarget;
        var answer = caller.AskAsync("a");
        Assert.Equal("a", await _server.HeardAsync());
        await SwallowedAsync("a\n".Length);

        Assert.False(answer.IsCompleted);
        _proxy.Cut = Cut.None;
        await Assert.ThrowsAsync<IOException>(() => answer);
        Assert.Null(await _server.HeardAsync());
    }

    [Fact]
    public async Task Line_BothWaysCut_ArrivesNowhere()
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        var served = await _server.AcceptedAsync();

        _proxy.Cut = Cut.Both;
        await caller.SayAsync("lost");
        await served.SayAsync("lost too");
        await SwallowedAsync("lost\nlost too\n".Length);

        Assert.Equal(Cut.Both, _proxy.Cut);
        _proxy.Cut = Cut.None;
        await Assert.ThrowsAsync<IOException>(caller.HearAsync);
        Assert.Null(await _server.HeardAsync());
    }

    [Fact]
    public async Task Heal_OfOneWay_TellsOnlyTheSideThatItLeadsTo()
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        var served = await _server.AcceptedAsync();
        _proxy.Cut = Cut.Both;
        await served.SayAsync("lost");
        await SwallowedAsync("lost\n".Length);

        _proxy.Cut = Cut.ToTarget;

        // The reset of the caller would be told to the server, were that way not cut: it is swallowed.
        await Assert.ThrowsAsync<IOException>(caller.HearAsync);
        await SwallowedAsync("lost\n".Length + 1);
        using (var marker = await LineStream.ConnectAsync(_server.EndPoint))
        {
            await marker.AskAsync("marker");
            Assert.Equal("marker", await _server.HeardAsync());
        }

        Assert.Null(await _server.HeardAsync());
        _proxy.Cut = Cut.None;
        Assert.Null(await _server.HeardAsync());
    }

    [Fact]
    public async Task Heal_StreamThatLostNothing_GoesOn()
    {
        using var idle = await LineStream.ConnectAsync(_proxy.EndPoint);
        using var busy = await LineStream.ConnectAsync(_proxy.EndPoint);
        Assert.Equal("before", await idle.AskAsync("before"));
        Assert.Equal("before", await busy.AskAsync("before"));
        _proxy.Cut = Cut.Both;
        await busy.SayAsync("lost");
        await SwallowedAsync("lost\n".Length);

        _proxy.Cut = Cut.None;

        await Assert.ThrowsAsync<IOException>(busy.HearAsync);
        Assert.Equal("after", await idle.AskAsync("after"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Caller_ThatComesDuringACut_IsLedOnAfterIt(int cut)
    {
        _proxy.Cut = (Cut)cut;
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        var answer = caller.AskAsync("a");
        using var marker = await LineStream.ConnectAsync(_server.EndPoint);
        await marker.AskAsync("marker");
        Assert.Equal("marker", await _server.HeardAsync());
        Assert.False(answer.IsCompleted);

        _proxy.Cut = Cut.None;

        Assert.Equal("a", await answer);
    }

    [Fact]
    public async Task End_OfTheServerDuringACut_IsToldAfterIt()
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        var served = await _server.AcceptedAsync();
        _proxy.Cut = Cut.FromTarget;
        var hearing = caller.HearAsync();

        served.Finish();
        await SwallowedAsync(1);

        Assert.False(hearing.IsCompleted);
        _proxy.Cut = Cut.None;
        await Assert.ThrowsAsync<IOException>(() => hearing);
    }

    [Fact]
    public async Task Cut_ServerThatDoesNotRead_GetsNoMoreOfWhatWasOnItsWay()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _proxy.Target = (IPEndPoint)listener.LocalEndpoint;
        using var caller = new TcpClient();
        await caller.ConnectAsync(_proxy.EndPoint, TestContext.Current.CancellationToken);
        using var stalled = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);

        // More than all the buffers between them hold: the rest can only go once the cut makes the proxy swallow it.
        var sending = caller.GetStream().WriteAsync(new byte[64 << 20], TestContext.Current.CancellationToken).AsTask();
        await stalled.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken);
        _proxy.Cut = Cut.ToTarget;
        await sending.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        _proxy.Cut = Cut.None;
        var reading = caller.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();
        await Assert.ThrowsAsync<IOException>(() => reading.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Drop_StreamsUnderWay_AreResetWhileNewOnesAreWelcome()
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        Assert.Equal("a", await caller.AskAsync("a"));
        Assert.Equal("a", await _server.HeardAsync());

        _proxy.Drop();

        await Assert.ThrowsAsync<IOException>(caller.HearAsync);
        Assert.Null(await _server.HeardAsync());
        using var next = await LineStream.ConnectAsync(_proxy.EndPoint);
        Assert.Equal("b", await next.AskAsync("b"));
    }

    [Fact]
    public async Task Drop_DuringACut_ResetsAllTheSame()
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        Assert.Equal("a", await caller.AskAsync("a"));
        _proxy.Cut = Cut.Both;

        _proxy.Drop();

        await Assert.ThrowsAsync<IOException>(caller.HearAsync);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Caller_TargetDead_IsReset(bool isKnown)
    {
        var gone = new TcpListener(IPAddress.Loopback, 0);
        gone.Start();
        _proxy.Target = isKnown ? (IPEndPoint)gone.LocalEndpoint : null;
        gone.Dispose();

        var exception = await Record.ExceptionAsync(async () =>
        {
            using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
            await caller.HearAsync();
        });

        // A reset that is quick enough is seen by the connect already.
        Assert.True(exception is IOException or SocketException { SocketErrorCode: SocketError.ConnectionReset }, $"{exception}");
    }

    [Fact]
    public async Task Caller_TargetChanged_IsLedToTheNewOne()
    {
        using var before = await LineStream.ConnectAsync(_proxy.EndPoint);
        Assert.Equal("old", await before.AskAsync("old"));
        await using var other = new EchoServer();

        _proxy.Target = other.EndPoint;

        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        Assert.Equal("new", await caller.AskAsync("new"));
        Assert.Equal("new", await other.HeardAsync());
        Assert.Equal("old too", await before.AskAsync("old too"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Dispose_StreamsUnderWay_EndsEverything(int cut)
    {
        using var caller = await LineStream.ConnectAsync(_proxy.EndPoint);
        Assert.Equal("a", await caller.AskAsync("a"));
        Assert.Equal("a", await _server.HeardAsync());
        _proxy.Cut = (Cut)cut;
        using var late = await LineStream.ConnectAsync(_proxy.EndPoint);

        await _proxy.DisposeAsync();

        await Assert.ThrowsAsync<IOException>(caller.HearAsync);
        await Assert.ThrowsAsync<IOException>(late.HearAsync);
        Assert.Null(await _server.HeardAsync());
        await Assert.ThrowsAsync<SocketException>(() => LineStream.ConnectAsync(_proxy.EndPoint));
    }
}
