using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>
/// An application on a port of its own, with the store of a test cluster. <c>X-User</c> signs a request in, as a user of <c>X-Issuer</c>.
/// </summary>
internal sealed class IdempotencyWebApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private IdempotencyWebApp(WebApplication app)
    {
        _app = app;
        _client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    internal Uri Address => _client.BaseAddress!;

    /// <summary>What was logged as a warning or worse.</summary>
    internal RecordedWarnings Warnings => (RecordedWarnings)_app.Services.GetServices<ILoggerProvider>().Single();

    internal static async Task<IdempotencyWebApp> StartAsync(
        IIdempotencyStore store, Action<WebApplication> map, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(new RecordedWarnings());
        builder.Services.AddSingleton(store);
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (context.Request.Headers["X-User"].FirstOrDefault() is { } user)
            {
                var issuer = context.Request.Headers["X-Issuer"].FirstOrDefault();
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user, ClaimValueTypes.String, issuer)], "test"));
            }

            context.Response.Headers["X-Outer"] = "kept";
            return next(context);
        });
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new IdempotencyWebApp(app);
    }

    internal async Task<HttpResponseMessage> PostAsync(
        string path,
        string? key,
        string body = "{\"amount\":1}",
        string? user = null,
        CancellationTokenSource? hangUp = null,
        string contentType = "application/json",
        string? issuer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        foreach (var (name, value) in new[] { ("Idempotency-Key", key), ("X-User", user), ("X-Issuer", issuer) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(hangUp?.Token ?? default, TestContext.Current.CancellationToken);
        return await _client.SendAsync(request, either.Token).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    internal async Task<string> PostForTextAsync(
        string path, string? key, string body = "{\"amount\":1}", string? user = null, string contentType = "application/json", string? issuer = null)
    {
        using var response = await PostAsync(path, key, body, user, contentType: contentType, issuer: issuer);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) =>
        _client.SendAsync(request, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    internal Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }
}
