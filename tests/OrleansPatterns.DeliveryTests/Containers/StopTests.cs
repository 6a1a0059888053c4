using System.Net.Http.Headers;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>A standalone silo that is asked to stop when it is least convenient.</summary>
public sealed class StopTests : IAsyncLifetime
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(8);

    /// <summary>A machine with more to do than it can starts nothing and ends nothing at once.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(6);

    private PostgresContainer? _postgres;

    private static ComposeService Service => RunningComposition.Compose["silo"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _postgres = await PostgresContainer.StartAsync(RunningComposition.Compose["postgres"].Environment, Token);

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    [Fact]
    public async Task Stop_WhileTheDatabaseIsAway_EndsInTimeAllTheSame()
    {
        await using var silo = Start([]);
        await silo.WaitUntilHealthyAsync();
        await _postgres!.Server.StopAsync(Token);

        // Alive all the same: nobody is to end it because of the database.
        Assert.Equal(0, await silo.CheckHealthAsync());
        var (exitCode, took) = await silo.StopAsync();

        Assert.Equal(0, exitCode);
        Assert.True(took < ShutdownTimeout + Allowance, $"It took {took}.");
        Assert.Contains("did not stop in order", silo.Said, StringComparison.Ordinal);
        Assert.NotEqual(0, await silo.CheckHealthAsync());
    }

    [Fact]
    public async Task Stop_WhileSomebodyFollowsTheLogInTheDashboard_IsInOrder()
    {
        await using var silo = Start(new() { ["Operators__Token"] = RunningComposition.OperatorsToken });
        await silo.WaitUntilHealthyAsync();
        using var http = new HttpClient { BaseAddress = silo.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningComposition.OperatorsToken);
        using var page = await http.GetAsync("/dashboard/Trace", HttpCompletionOption.ResponseHeadersRead, Token);
        page.EnsureSuccessStatusCode();

        var (exitCode, _) = await silo.StopAsync();

        Assert.Equal(0, exitCode);
        Assert.Contains("Orleans Silo stopped", silo.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("non-graceful", silo.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("did not stop in order", silo.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_BeforeItHasStarted_IsNoFailure()
    {
        await _postgres!.Server.StopAsync(Token);
        await using var silo = Start([]);
        await silo.WaitUntilItSaysAsync("is not to be reached yet");

        var (exitCode, took) = await silo.StopAsync();

        Assert.True(exitCode == 0, $"It ended with {exitCode}:\n{silo.Said}");
        Assert.True(took < ShutdownTimeout + Allowance, $"It took {took}.");
    }

    private ContainerProcess Start(Dictionary<string, string> settings)
    {
        settings["ShutdownTimeout"] = ShutdownTimeout.ToString();
        var image = Dockerfile.OfRepository.ImageOf(Service.Target!);
        var environment = new LoopbackNetwork(_postgres!.Port).Translate(image.Environment.Concat(Service.Environment).Concat(settings));
        return ContainerProcess.Start("silo", image, environment);
    }
}
