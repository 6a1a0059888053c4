using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.WaysOfUse;

/// <summary>The standalone silo shows its console to those who are let in, and to nobody by itself.</summary>
public sealed class OperatorAccessTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private const string Secret = "0123456789abcdef";

    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_WithAToken_LetsInWhoHasIt()
    {
        await using var silo = await StandaloneSilo.StartAsync(database.ConnectionString, new() { ["Operators__Token"] = Secret });
        foreach (var path in new[] { "/patterns/", "/patterns/api/overview", "/dashboard/" })
        {
            using var stranger = await silo.GetAsync(path);
            Assert.Equal((HttpStatusCode.Unauthorized, "Basic"), (stranger.StatusCode, stranger.Headers.WwwAuthenticate.Single().Scheme));
            using var guess = await silo.GetAsync(path, Basic("ann", "0123456789abcdeg"));
            Assert.Equal(HttpStatusCode.Unauthorized, guess.StatusCode);
            using var @operator = await silo.GetAsync(path, Basic("ann", Secret));
            Assert.Equal(HttpStatusCode.OK, @operator.StatusCode);
            using var program = await silo.GetAsync(path, new("Bearer", Secret));
            Assert.Equal(HttpStatusCode.OK, program.StatusCode);
        }

        using var session = await silo.GetAsync("/patterns/api/session", Basic("ann", Secret));
        Assert.Contains("\"user\":\"ann\"", await session.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using var held = await silo.PostAsync(
            "/patterns/api/breaker/hold", new { name = "b", state = "Isolated", reason = "moving house" }, new("Bearer", Secret));
        Assert.Equal(HttpStatusCode.OK, held.StatusCode);
        using var unproven = await silo.PostAsync("/patterns/api/breaker/close", new { name = "b", reason = "done" }, Basic("ann", Secret));
        Assert.Equal(HttpStatusCode.BadRequest, unproven.StatusCode);
    }

    [Fact]
    public async Task Silo_ForEverybody_LetsEverybodyIn()
    {
        await using var silo = await StandaloneSilo.StartAsync(database.ConnectionString, new() { ["Operators__AllowAnonymous"] = "true" });
        using var stranger = await silo.GetAsync("/patterns/api/overview");
        Assert.Equal(HttpStatusCode.OK, stranger.StatusCode);
    }

    [Fact]
    public async Task Silo_ByItself_HasNoConsole()
    {
        await using var silo = await StandaloneSilo.StartAsync(database.ConnectionString, []);
        foreach (var path in new[] { "/patterns/", "/patterns/api/overview", "/dashboard/" })
        {
            using var stranger = await silo.GetAsync(path, Basic("ann", Secret));
            Assert.Equal(HttpStatusCode.NotFound, stranger.StatusCode);
        }
    }

    [Theory]
    [InlineData("Operators__Token", "short", "Operators:Token has 5 characters; it must have at least 16.")]
    [InlineData("Operators__AllowAnonymous", "yes", "Operators:AllowAnonymous is 'yes'; it must be true or false.")]
    public async Task Setting_ThatIsNotValid_KeepsTheSiloFromStarting(string name, string value, string complaint)
    {
        using var process = SiloProcess.Start(database.ConnectionString, new Dictionary<string, string> { [name] = value });
        var said = await process.StandardError.ReadToEndAsync(Token).WaitAsync(StartTime, Token);
        await process.WaitForExitAsync(Token).WaitAsync(StartTime, Token);
        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith(complaint, said, StringComparison.Ordinal);
    }

    private static AuthenticationHeaderValue Basic(string name, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));

    /// <summary>A silo process with its web server.</summary>
    private sealed class StandaloneSilo : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly HttpClient _http;

        private StandaloneSilo(Process process, Uri address) =>
            (_process, _http) = (process, new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address });

        /// <summary>Its log says where it listens.</summary>
        internal static async Task<StandaloneSilo> StartAsync(string connectionString, Dictionary<string, string> settings)
        {
            settings["Orleans__ClusterId"] = $"operators-{Guid.NewGuid():N}";
            settings["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information";
            settings["Logging__Console__LogToStandardErrorThreshold"] = "Information";
            var process = SiloProcess.Start(connectionString, settings);
            var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data?.Split("Now listening on: ") is [_, var address])
                {
                    listening.TrySetResult(new Uri(address));
                }
                else if (line.Data is null)
                {
                    listening.TrySetException(new InvalidOperationException("The silo ended before it listened."));
                }
            };
            process.BeginErrorReadLine();
            return new StandaloneSilo(process, await listening.Task.WaitAsync(StartTime, Token));
        }

        internal Task<HttpResponseMessage> GetAsync(string path, AuthenticationHeaderValue? authorization = null) =>
            SendAsync(new HttpRequestMessage(HttpMethod.Get, path), authorization);

        internal Task<HttpResponseMessage> PostAsync(string path, object deed, AuthenticationHeaderValue authorization) =>
            SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(deed) }, authorization);

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }

        private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, AuthenticationHeaderValue? authorization)
        {
            using (request)
            {
                request.Headers.Authorization = authorization;
                return await _http.SendAsync(request, Token);
            }
        }
    }
}
