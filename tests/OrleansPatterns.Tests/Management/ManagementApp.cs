using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;
using OrleansPatterns.Catalog;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;
using OrleansPatterns.Tests.Sagas;

namespace OrleansPatterns.Tests.Management;

/// <summary>An application with the console, on a port of its own, in front of a test cluster. <c>X-User</c> signs a request in.</summary>
internal sealed class ManagementApp : IAsyncDisposable
{
    private static readonly Type[] ClusterServices =
    [
        typeof(ICatalogSearch), typeof(ISagaClient), typeof(ISagaOperations), typeof(ICircuitBreakerOperations), typeof(IServiceOperations),
        typeof(IServiceRegistry), typeof(ILockOperations), typeof(IIdempotencyOperations),
    ];

    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private ManagementApp(WebApplication app)
    {
        _app = app;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What the console logged.</summary>
    internal RecordedManagementLog Log => _app.Services.GetRequiredService<RecordedManagementLog>();

    /// <param name="cluster">The cluster.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="map">Maps the console; <see langword="null"/>: as it is by itself.</param>
    /// <param name="configure">Changes the application's services.</param>
    internal static async Task<ManagementApp> StartAsync(
        TestCluster cluster, string environment = "Development", Action<WebApplication>? map = null, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<RecordedManagementLog>().AddSingleton<ILoggerProvider>(services => services.GetRequiredService<RecordedManagementLog>());
        foreach (var service in ClusterServices)
        {
            builder.Services.AddSingleton(service, cluster.Client.ServiceProvider.GetRequiredService(service));
        }

#pragma warning disable RS0030 // Live pages look at the real clock, unless a test has another.
        builder.Services.TryAddSingleton(TimeProvider.System);
#pragma warning restore RS0030
        builder.Services.AddAuthentication(HeaderAuthentication.Scheme).AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, HeaderAuthentication>(
            HeaderAuthentication.Scheme, configureOptions: null);
        builder.Services.AddAuthorization();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        (map ?? (routes => routes.MapOrleansPatterns()))(app);
        try
        {
            await app.StartAsync(Token);
            return new ManagementApp(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    internal Task StopAsync() => _app.StopAsync(Token).Soon();

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token).Soon();

    internal async Task<HttpResponseMessage> GetAsync(string path, string? user = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        SignIn(request, user);
        return await SendAsync(request);
    }

    internal async Task<JsonNode> ReadAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await GetAsync($"/patterns/api/{path}");
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(expected == response.StatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Acts as the console does.</summary>
    internal async Task<JsonNode> ActAsync(string path, object deed, HttpStatusCode expected = HttpStatusCode.OK, string? user = null)
    {
        using var asking = await GetAsync("/patterns/api/session", user);
        var session = JsonNode.Parse(await asking.Content.ReadAsStringAsync(Token))!;
        using var response = await PostAsync(path, deed, request =>
        {
            SignIn(request, user);
            request.Headers.Add((string)session["headerName"]!, (string)session["token"]!);
        });
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(expected == response.StatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    internal async Task<HttpResponseMessage> PostAsync(string path, object deed, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/patterns/api/{path}")
        {
            Content = deed is string json
                ? new StringContent(json, new MediaTypeHeaderValue("application/json"))
                : JsonContent.Create(deed, options: JsonSerializerOptions.Web),
        };
        prepare?.Invoke(request);
        return await SendAsync(request);
    }

    internal async Task<LiveEvents> WatchAsync(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/patterns/api/{path}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        return new LiveEvents(request, await SendAsync(request));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private static void SignIn(HttpRequestMessage request, string? user)
    {
        if (user is not null)
        {
            request.Headers.Add("X-User", user);
        }
    }
}
