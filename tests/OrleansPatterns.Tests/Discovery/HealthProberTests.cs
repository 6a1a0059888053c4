using System.Net;
using System.Net.Sockets;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Whom a check reaches, and how; on the plainest kind where the kind makes no difference.</summary>
public sealed class HealthProberTests : IDisposable
{
    private static readonly InstanceHealthCheck Tcp = new() { Kind = HealthCheckKind.Tcp };
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public HealthProberTests() => _listener.Start();

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Tcp_ThatIsAccepted_IsWellAndClosedAgain()
    {
        var probing = new HealthProbing();
        Assert.Null(await probing.AskAsync(new Uri($"tcp://127.0.0.1:{Port}"), Tcp));

        using var accepted = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var read = accepted.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();
        Assert.Equal(0, await read.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(HealthCheckKind.Tcp)]
    [InlineData(HealthCheckKind.Http)]
    [InlineData(HealthCheckKind.Grpc)]
    public async Task AnyKind_OfAClosedPort_IsRefused(HealthCheckKind kind)
    {
        var port = Port;
        _listener.Stop();
        var probing = new HealthProbing();
        Assert.Equal("connection refused", await probing.AskAsync(new Uri($"http://127.0.0.1:{port}"), new InstanceHealthCheck { Kind = kind }));
    }

    [Theory]
    [InlineData(HealthCheckKind.Tcp)]
    [InlineData(HealthCheckKind.Http)]
    [InlineData(HealthCheckKind.Grpc)]
    public async Task AnyKind_OfAnAddressThatIsNotPermitted_IsNeverConnected(HealthCheckKind kind)
    {
        var probing = new HealthProbing(allow: "10.0.0.0/8");
        foreach (var host in new[] { "127.0.0.1", "[::ffff:127.0.0.1]" })
        {
            Assert.Equal(
                "address 127.0.0.1 is not permitted by HealthCheckOptions.Allow",
                await probing.AskAsync(new Uri($"http://{host}:{Port}"), new InstanceHealthCheck { Kind = kind }));
        }

        // Even a connection that was closed at once would be waiting here.
        Assert.False(_listener.Pending());
    }

    [Fact]
    public async Task HostName_IsJudgedByTheAddressThatItResolvesTo()
    {
        var permitted = new HealthProbing(allow: "127.0.0.0/8");
        var other = new HealthProbing(allow: "10.0.0.0/8");
        var address = new Uri($"tcp://localhost:{Port}");

        Assert.EndsWith("is not permitted by HealthCheckOptions.Allow", await other.AskAsync(address, Tcp), StringComparison.Ordinal);
        Assert.False(_listener.Pending());
        Assert.Null(await permitted.AskAsync(address, Tcp));
        Assert.True(_listener.Pending());
    }

    [Fact]
    public async Task HostName_ThatResolvesToAnotherAddressLater_IsJudgedAgain()
    {
        var addresses = new Queue<IPAddress>([IPAddress.Loopback, IPAddress.Parse("169.254.169.254")]);
        var probing = new HealthProbing(resolve: _ => [addresses.Dequeue()]);
        var address = new Uri($"tcp://shop.internal:{Port}");
        Assert.Null(await probing.AskAsync(address, Tcp));
        Assert.Equal("address 169.254.169.254 is not permitted by HealthCheckOptions.Allow", await probing.AskAsync(address, Tcp));
    }

    [Fact]
    public async Task HostName_WithSeveralAddresses_OnlyThePermittedOnesAreConnected()
    {
        IPAddress[] addresses = [IPAddress.IPv6Loopback, IPAddress.Loopback];
        var other = new HealthProbing(allow: "::1", resolve: _ => addresses);
        var permitted = new HealthProbing(allow: "127.0.0.1", resolve: _ => addresses);
        var address = new Uri($"tcp://shop.internal:{Port}");

        // Nobody listens at ::1.
        Assert.NotNull(await other.AskAsync(address, Tcp));
        Assert.False(_listener.Pending());
        Assert.Null(await permitted.AskAsync(address, Tcp));
    }

    [Fact]
    public async Task HostName_WhosePermittedAddressRefuses_TheNextOneIsTried()
    {
        var probing = new HealthProbing(resolve: _ => [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]);
        Assert.Null(await probing.AskAsync(new Uri($"tcp://shop.internal:{Port}"), Tcp));
    }

    [Fact]
    public async Task HostName_ThatIsUnknown_IsSaid()
    {
        var probing = new HealthProbing(resolve: _ => throw new SocketException((int)SocketError.HostNotFound));
        var empty = new HealthProbing(resolve: _ => []);
        var address = new Uri($"tcp://shop.internal:{Port}");
        Assert.Equal("the host name has no address", await probing.AskAsync(address, Tcp));
        Assert.Equal("the host name has no address", await empty.AskAsync(address, Tcp));
    }

    [Fact]
    public async Task Endpoint_ThatTheInstanceDoesNotHave_IsAReasonAndNoException()
    {
        var probing = new HealthProbing();
        Assert.NotNull(await probing.AskAsync(new Uri($"tcp://127.0.0.1:{Port}"), Tcp with { EndpointName = "admin" }));
    }

    [Fact]
    public async Task Probe_OnASchedulerThatIsBusy_DoesNotNeedIt()
    {
        // As a grain's: one thing at a time. It is blocked until the probe is over.
        var probing = new HealthProbing();
        var isOver = await Task.Factory.StartNew(
            () => ((IAsyncResult)probing.AskAsync(new Uri($"tcp://127.0.0.1:{Port}"), Tcp)).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(10)),
            TestContext.Current.CancellationToken,
            TaskCreationOptions.None,
            new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        Assert.True(isOver);
    }
}
