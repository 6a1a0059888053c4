using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>A server on a port of its own, which answers every request with its name, the request's host and its path and query.</summary>
internal sealed class NamedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private NamedServer(WebApplication app, string name)
    {
        _app = app;
        Instance = ListedRegistry.Instance(app.Urls.Single(), name);
    }

    internal ServiceInstance Instance { get; }

    internal Uri Address => Instance.Endpoint;

    internal static async Task<NamedServer> StartAsync(string name, RequestDelegate? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(answer ?? (context => context.Response.WriteAsync($"{name} {context.Request.Host} {context.Request.Path}{context.Request.QueryString}")));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new NamedServer(app, name);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
