using System.Threading.Channels;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansPatterns.Discovery;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace OrleansPatterns.Tests.Discovery;

public sealed class HealthProberGrpcTests
{
    private static readonly InstanceHealthCheck Check = new() { Kind = HealthCheckKind.Grpc };

    [Theory]
    [InlineData("", null)]
    [InlineData("orders", null)]
    [InlineData("payments", "the gRPC service 'payments' is NotServing")]
    [InlineData("stock", "the gRPC service 'stock' is not known there")]
    public async Task Grpc_Service_IsWellWhileItServes(string service, string? expected)
    {
        await using var server = await StartAsync(app => app.MapGrpcService<Shop>());
        var probing = new HealthProbing();
        Assert.Equal(expected, await probing.AskAsync(server.Address, Check with { GrpcService = service }));
    }

    [Fact]
    public async Task Grpc_OfAServerWithoutTheHealthService_IsNotWell()
    {
        await using var server = await StartAsync(app => app.MapGet("/", () => "no gRPC here"));
        var probing = new HealthProbing();
        Assert.Equal("gRPC answered Unimplemented", await probing.AskAsync(server.Address, Check));
    }

    [Fact]
    public async Task Grpc_OfAServerThatSpeaksHttp11Only_IsNotWell()
    {
        await using var server = await HealthServer.StartAsync(app => app.MapGet("/", () => "no gRPC here"), HttpProtocols.Http1);
        var probing = new HealthProbing();
        Assert.NotNull(await probing.AskAsync(server.Address, Check));
    }

    [Fact]
    public async Task Grpc_Repeated_MakesANewConnectionAndClosesIt()
    {
        await using var server = await StartAsync(app => app.MapGrpcService<Shop>());
        var probing = new HealthProbing();
        for (var probe = 1; probe <= 2; probe++)
        {
            Assert.Null(await probing.AskAsync(server.Address, Check));
            await server.ClosedAsync();
            Assert.Equal(probe, server.OpenedConnections);
        }
    }

    [Fact]
    public async Task Grpc_WithoutAnAnswer_EndsAtTheTimeout()
    {
        await using var server = await StartAsync(app => app.MapGrpcService<Silent>());
        var probing = new HealthProbing();
        var probe = probing.AskAsync(server.Address, Check);
        await Silent.Arrived.Reader.ReadAsync(TestContext.Current.CancellationToken);

        probing.Time.Advance(Check.Timeout);

        Assert.Equal("no answer within 2 s", await probe);
        await server.ClosedAsync();
    }

    /// <summary>With prior knowledge, as gRPC without TLS is served.</summary>
    private static Task<HealthServer> StartAsync(Action<WebApplication> map) => HealthServer.StartAsync(map, HttpProtocols.Http2);

    private sealed class Shop : HealthServiceImpl
    {
        public Shop()
        {
            SetStatus("", ServingStatus.Serving);
            SetStatus("orders", ServingStatus.Serving);
            SetStatus("payments", ServingStatus.NotServing);
        }
    }

    private sealed class Silent : Health.HealthBase
    {
        internal static Channel<bool> Arrived { get; } = Channel.CreateUnbounded<bool>();

        public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
        {
            Arrived.Writer.TryWrite(true);
            await Task.Delay(Timeout.InfiniteTimeSpan, new ObservedTime(), context.CancellationToken);
            return new HealthCheckResponse();
        }
    }
}
