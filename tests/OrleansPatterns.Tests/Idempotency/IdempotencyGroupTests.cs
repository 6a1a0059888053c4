using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Which endpoints are protected, and with which options.</summary>
public sealed class IdempotencyGroupTests(MemoryCluster fixture)
{
    private int _runs;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task Group_ProtectsPostAndPatchOnceAndLetsOthersPass()
    {
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes =>
        {
            var group = routes.MapGroup("/api").WithIdempotency(options => options.WaitForResult = TimeSpan.Zero);
            group.MapMethods("/count", ["GET", "PUT", "DELETE", "OPTIONS"], Count);
            group.MapPost("/count", Count).WithIdempotency();
        });
        foreach (var (method, expected) in new[] { ("GET", "run 1"), ("PUT", "run 2"), ("DELETE", "run 3"), ("OPTIONS", "run 4") })
        {
            using var response = await app.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/api/count"));
            Assert.Equal(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        var key = NewKey();
        Assert.Equal("200 run 5", await app.PostForTextAsync("/api/count", key));
        Assert.Equal("200 run 5", await app.PostForTextAsync("/api/count", key));
    }

    [Fact]
    public async Task EndpointOfAllMethods_IsProtectedForThoseOfTheOptions()
    {
        await using var app = await IdempotencyWebApp.StartAsync(
            Store, routes => routes.Map("/count", Count).WithIdempotency(options => options.Methods.Add("put")));
        using var put = await app.SendAsync(new HttpRequestMessage(HttpMethod.Put, "/count"));
        await ProblemAssert.IsProblemAsync(put, System.Net.HttpStatusCode.BadRequest, "key-missing");
        using var head = await app.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/count"));
        Assert.Equal(("OK", 1), (head.ReasonPhrase, _runs));
    }

    [Fact]
    public async Task Options_AreTheConfiguredOnesThenTheGroupsThenTheEndpoints()
    {
        var store = new ObservedStore(Store);
        await using var app = await IdempotencyWebApp.StartAsync(
            store,
            routes =>
            {
                var group = routes.MapGroup("/api").WithIdempotency(options =>
                {
                    options.Retention = TimeSpan.FromHours(2);
                    options.OnAbandoned = OnAbandoned.Park;
                });
                group.MapPost("/own", Count).WithIdempotency(options => options.Retention = TimeSpan.FromHours(3));
                group.MapPost("/groups", Count);
                routes.MapPost("/configured", Count).WithIdempotency();
            },
            services => services
                .Configure<IdempotencyOptions>(options => options.Lease = TimeSpan.FromSeconds(20))
                .AddHttpIdempotency(options =>
                {
                    options.Retention = TimeSpan.FromHours(1);
                    options.MaxResponseBytes = 1000;
                }));
        var seen = new List<(TimeSpan, OnAbandoned, int, TimeSpan)>();
        foreach (var path in new[] { "/api/own", "/api/groups", "/configured" })
        {
            _ = await app.PostForTextAsync(path, NewKey());
            seen.Add((store.LastOptions!.Retention, store.LastOptions.OnAbandoned, store.LastOptions.MaxResultBytes, store.LastOptions.Lease));
        }

        var lease = TimeSpan.FromSeconds(20);
        Assert.Equal(
            [
                (TimeSpan.FromHours(3), OnAbandoned.Park, 1000, lease),
                (TimeSpan.FromHours(2), OnAbandoned.Park, 1000, lease),
                (TimeSpan.FromHours(1), OnAbandoned.Retry, 1000, lease),
            ],
            seen);
    }

    [Fact]
    public async Task OptionsOutOfBounds_KeepTheApplicationFromStarting()
    {
        var failed = await Assert.ThrowsAsync<OptionsValidationException>(() => IdempotencyWebApp.StartAsync(
            Store, _ => { }, services => services.AddHttpIdempotency(options => options.Methods.Clear())));
        Assert.Equal(
            ["HttpIdempotencyOptions.Methods is empty; it must have at least one method. To protect nothing, leave WithIdempotency() out."], failed.Failures);
    }

    [Theory]
    [InlineData(0, "HttpIdempotencyOptions.Retention is 00:00:00; it must be null, or at least IdempotencyOptions.Lease and at most 366.00:00:00.")]
    [InlineData(29, "IdempotencyOptions.Retention is 00:00:29; it must be at least Lease (00:00:30) and at most 366.00:00:00.")]
    public void EndpointsOptionsOutOfBounds_FailWhereItIsBuilt(int retentionSeconds, string fault)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(Store);
        var app = builder.Build();
        app.MapPost("/count", Count).WithIdempotency(options => options.Retention = TimeSpan.FromSeconds(retentionSeconds));
        var failed = Assert.Throws<OptionsValidationException>(
            () => ((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).ToList());
        Assert.Equal([fault], failed.Failures);
    }

    private string Count() => $"run {Interlocked.Increment(ref _runs)}";
}
