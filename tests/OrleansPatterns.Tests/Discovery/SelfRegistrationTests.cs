using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansPatterns.AspNetCore.Discovery;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Applications that register themselves, with real servers, a cluster in memory, and a clock that the test moves.</summary>
public sealed class SelfRegistrationTests(MemoryCluster fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _service = $"service-{Guid.NewGuid():N}";
    private readonly ObservedTime _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IServiceRegistry Registry => fixture.Service<IServiceRegistry>();

    [Fact]
    public async Task Stop_SaysDraining_AnswersForTheDelay_ThenLeaves()
    {
        await using var lists = Lists();
        await using var app = await StartAsync(lists, registration => registration.InstanceId = "web-1");
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Assert.Equal(("web-1", InstanceStatus.Up, client.BaseAddress), await NextAsync(lists));

        var stopping = app.StopAsync(Token);
        Assert.Equal(("web-1", InstanceStatus.Draining, client.BaseAddress), await NextAsync(lists));
        await _time.ArmedAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("hello", await client.GetStringAsync(new Uri("/", UriKind.Relative), Token));
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Single((await fixture.Service<IGrainFactory>().GetServiceGrain(_service).GetSnapshotAsync()).Instances);
        Assert.False(stopping.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        await MoveAsync(lists);
        Assert.Empty(lists.Current.Instances);
        await stopping.WaitAsync(Patience, Token);
    }

    [Fact]
    public async Task Stop_WhenTheHostHasWaitedLongEnough_LeavesAtOnce()
    {
        await using var lists = Lists();
        await using var app = await StartAsync(lists, registration => registration.DrainDelay = TimeSpan.FromMinutes(5));
        await NextAsync(lists);
        using var enough = new CancellationTokenSource();
        var stopping = app.StopAsync(enough.Token);
        Assert.Equal(InstanceStatus.Draining, (await NextAsync(lists)).Status);
        await _time.ArmedAsync(TimeSpan.FromMinutes(5));

        await enough.CancelAsync();

        await MoveAsync(lists);
        Assert.Empty(lists.Current.Instances);
        await Record.ExceptionAsync(() => stopping.WaitAsync(Patience, Token));
    }

    [Fact]
    public async Task Stop_OfSeveralServices_DrainsThemTogether()
    {
        var other = _service + "-admin";
        await using var lists = Lists();
        await using var app = await StartAsync(lists, configure: null, services => services.AddServiceRegistration(other).AddServiceRegistration(other));
        await NextAsync(lists);
        await using var others = Registry.WatchAsync(other, Token).GetAsyncEnumerator(Token);
        do
        {
            await MoveAsync(others);
        }
        while (others.Current.Instances.IsEmpty);

        Assert.Single(others.Current.Instances);
        var stopping = app.StopAsync(Token);
        await _time.ArmedAsync(TimeSpan.FromSeconds(5));
        await _time.ArmedAsync(TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(5));
        await stopping.WaitAsync(Patience, Token);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_WhileItIsBeingRegistered_WaitsForTheAnswerAWhile(bool isAnswered)
    {
        var answer = new TaskCompletionSource();
        var slow = new ListedRegistry
        {
            OnRegister = async (service, instance, cancellationToken) =>
            {
                var registration = await Registry.RegisterAsync(service, instance, cancellationToken);
                await answer.Task.WaitAsync(cancellationToken);
                return registration;
            },
        };
        await using var lists = Lists();
        await using var app = await StartAsync(lists, registration => registration.DrainDelay = TimeSpan.Zero, registry: slow);
        await NextAsync(lists);

        var stopping = app.StopAsync(Token);
        await _time.ArmedAsync(TimeSpan.FromSeconds(3));
        if (isAnswered)
        {
            answer.SetResult();
            await MoveAsync(lists);
            Assert.Empty(lists.Current.Instances);
        }
        else
        {
            _time.Advance(TimeSpan.FromSeconds(3));
        }

        await stopping.WaitAsync(Patience, Token);
    }

    [Fact]
    public async Task PublicAddress_BeatsWhatTheServerListensOn()
    {
        await using var lists = Lists();
        await using var app = await StartAsync(lists, registration => registration.PublicAddress = new Uri("https://orders.example.com"));
        Assert.Equal(new Uri("https://orders.example.com"), (await NextAsync(lists)).Endpoint);
        Assert.Empty(lists.Current.Instances[0].Endpoints);
        Assert.NotEqual("orders.example.com", new Uri(app.Urls.Single()).Host);
    }

    private static async Task MoveAsync(IAsyncEnumerator<ServiceSnapshot> lists) =>
        Assert.True(await lists.MoveNextAsync().AsTask().WaitAsync(Patience, Token));

    private static async Task<(string Id, InstanceStatus Status, Uri Endpoint)> NextAsync(IAsyncEnumerator<ServiceSnapshot> lists)
    {
        await MoveAsync(lists);
        var instance = Assert.Single(lists.Current.Instances);
        return (instance.Id, instance.Status, instance.Endpoint);
    }

    private IAsyncEnumerator<ServiceSnapshot> Lists() => Registry.WatchAsync(_service, Token).GetAsyncEnumerator(Token);

    private async Task<WebApplication> StartAsync(
        IAsyncEnumerator<ServiceSnapshot> lists, Action<SelfRegistrationOptions>? configure, Action<IServiceCollection>? more = null, IServiceRegistry? registry = null)
    {
        await MoveAsync(lists);
        Assert.Empty(lists.Current.Instances);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(registry ?? Registry).AddSingleton<TimeProvider>(_time).AddServiceRegistration(_service, configure);
        more?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapGet("/", () => "hello");
        await app.StartAsync(Token);
        return app;
    }
}
