using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>A web server on the loopback that tells of its connections.</summary>
internal sealed class HealthServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<bool> _closed = Channel.CreateUnbounded<bool>();
    private int _opened;

    private HealthServer(HttpProtocols protocols, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            listen.Use(next => async connection =>
            {
                Interlocked.Increment(ref _opened);
                await next(connection);
                _closed.Writer.TryWrite(true);
            });
            if (certificate is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate });
            }
        }));
        _app = builder.Build();
    }

    public Uri Address => new(_app.Urls.Single());

    public int OpenedConnections => Volatile.Read(ref _opened);

    public static async Task<HealthServer> StartAsync(
        Action<WebApplication> map, HttpProtocols protocols = HttpProtocols.Http1AndHttp2, X509Certificate2? certificate = null)
    {
        var server = new HealthServer(protocols, certificate);
        map(server._app);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Waits until one more connection has been closed.</summary>
    public async Task ClosedAsync() =>
        await _closed.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
