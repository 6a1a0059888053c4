using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansPatterns.ChaosTests.Nemesis;

public sealed class SiloDoorTests
{
    [Fact]
    public async Task Way_OfOneSilo_IsCutByItself()
    {
        await using var server = new EchoServer();
        var next = 0;
        await using var door = new SiloDoor(server.EndPoint, _ => next++);
        using var zero = await LineStream.ConnectAsync(door.EndPoint);
        Assert.Equal("a", await zero.AskAsync("a"));
        using var one = await LineStream.ConnectAsync(door.EndPoint);
        Assert.Equal("b", await one.AskAsync("b"));

        door.From(0).Cut = Cut.Both;
        await zero.SayAsync("lost");
        await door.From(0).SwallowedAsync(5).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal("c", await one.AskAsync("c"));
        Assert.Equal(["a", "b", "c"], [await server.HeardAsync(), await server.HeardAsync(), await server.HeardAsync()]);
    }

    [Fact]
    public async Task Port_IsOfTheProcessThatConnectedFromIt()
    {
        await using var server = new EchoServer();
        using var caller = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await caller.ConnectAsync(server.EndPoint, TestContext.Current.CancellationToken);
        var port = ((IPEndPoint)caller.LocalEndPoint!).Port;
        using var other = Process.Start("sleep", "600");

        try
        {
            Assert.True(LocalPort.IsOf(Environment.ProcessId, port));
            Assert.False(LocalPort.IsOf(other.Id, port));
        }
        finally
        {
            other.Kill();
            await other.WaitForExitAsync(CancellationToken.None);
        }

        Assert.False(LocalPort.IsOf(other.Id, port));
    }
}
