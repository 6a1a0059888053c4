using System.Diagnostics;
using Medallion.Threading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;
using OrleansPatterns.Tests.Sagas;

namespace OrleansPatterns.Tests.Telemetry;

/// <summary>One trace from an HTTP request through the steps of a saga to what they call, whichever silos they run in.</summary>
[Collection(nameof(TraceListeners))]
public sealed class TraceTests : IAsyncLifetime
{
    /// <summary>What <c>docs/telemetry.md</c> says to subscribe to, beside ours.</summary>
    private static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "Microsoft.Orleans.Application"];

    private readonly string _id = $"saga-{Guid.NewGuid():N}";
    private TestCluster? _cluster;
    private WebApplication? _shop;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestCluster Cluster => _cluster!;

    private Uri Shop => new(_shop!.Urls.Single());

    private ISagaClient Sagas => Cluster.Client.ServiceProvider.GetRequiredService<ISagaClient>();

    public async ValueTask InitializeAsync()
    {
        _cluster = new TestClusterBuilder(initialSilosCount: 2).AddOrleansPatterns()
            .AddSiloBuilderConfigurator<Traced>().AddClientBuilderConfigurator<Traced>().Build();
        await _cluster.DeployAsync(Token);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(Cluster.Client.ServiceProvider.GetRequiredService<IIdempotencyStore>());
        _shop = builder.Build();
        _shop.MapPost("/orders", StartSagaAsync);
        _shop.MapPost("/payments", () => Results.Ok(Activity.Current?.Id)).WithIdempotency();
        _shop.MapGet("/partner", (HttpRequest request) => request.Headers.TraceParent.ToString());
        await _shop.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_shop is not null)
        {
            await _shop.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task Request_ThatStartsASaga_IsOneTrace_WhicheverSilosItGoesThrough(int sagaSilo, int stockSilo)
    {
        using var spans = new RecordedSpans(Sources);
        using var request = new Activity("test").Start();
        await PostAsync(new Uri(Shop, $"/orders?saga={sagaSilo}&stock={stockSilo}"));
        var status = await Sagas.WaitForCompletionAsync(_id, Token).Soon();
        Assert.Equal(SagaPhase.Compensated, status.Phase);
        var undone = await spans.StoppedAsync(request, span => span.OperationName == "saga.compensate call");
        var end = await spans.StoppedAsync(request, span => span.OperationName == "saga.end traced");
        var incoming = await spans.StoppedAsync(request, span => span.Source.Name == "System.Net.Http" && span.ParentSpanId == request.SpanId);
        var server = await spans.StoppedAsync(request, span => span.Source.Name == "Microsoft.AspNetCore" && span.ParentSpanId == incoming.SpanId);

        // From the request to the steps.
        var saga = Single("OrleansPatterns", "saga traced");
        var step = Single("OrleansPatterns", "saga.step call");
        Assert.Equal(server.SpanId, saga.ParentSpanId);
        Assert.All([step, Single("OrleansPatterns", "saga.step fail"), undone, end], span => Assert.Equal(saga.SpanId, span.ParentSpanId));

        // From the step to what it calls over HTTP.
        var data = await DataAsync();
        var outgoing = Assert.Single(All("System.Net.Http"), span => span.ParentSpanId == step.SpanId);
        Assert.Equal(outgoing.Id, data.Answer);
        await spans.StoppedAsync(request, span => span.Source.Name == "Microsoft.AspNetCore" && span.ParentSpanId == outgoing.SpanId);

        // From the step to a grain in another silo.
        var call = Assert.Single(All("Microsoft.Orleans.Application"), span => span.Kind == ActivityKind.Client);
        var work = Assert.Single(All("Microsoft.Orleans.Application"), span => span.Kind == ActivityKind.Server);
        Assert.Equal((step.SpanId, call.SpanId), (call.ParentSpanId, work.ParentSpanId));
        Assert.Equal([Silo(stockSilo).ToString(), work.Id], data.Stock);
        Assert.Equal(Silo(sagaSilo).ToString(), data.RanIn);

        // And to our own patterns.
        foreach (var name in new[] { "lock acquire", "idempotency begin", "idempotency execute" })
        {
            Assert.Equal(step.SpanId, Single("OrleansPatterns", name).ParentSpanId);
        }

        IEnumerable<Activity> All(string source) => spans.Of(request).Where(span => span.Source.Name == source);

        Activity Single(string source, string name) => Assert.Single(All(source), span => span.OperationName == name);
    }

    /// <summary>The table of spans in <c>docs/telemetry.md</c>, held against all spans there are.</summary>
    [Fact]
    public async Task Spans_AreThoseOfTheDocument_WithTheirKindsAndAttributes()
    {
        using var spans = new RecordedSpans();
        using var request = new Activity("test").Start();
        await Sagas.StartAsync<TracedSaga, TracedData>(_id, Data(stockSilo: 0), Token).Soon();
        await Sagas.WaitForCompletionAsync(_id, Token).Soon();
        await spans.StoppedAsync(request, span => span.OperationName == "saga.compensate call");
        await spans.StoppedAsync(request, span => span.OperationName == "saga.end traced");

        var documented = TelemetryDocument.Rows("span").Select(
            row => $"{TelemetryDocument.Code(row[0]).Single()} | {row[1]} | {string.Join(' ', TelemetryDocument.Code(row[2]).Order(StringComparer.Ordinal))}");
        var seen = spans.Of(request).Where(span => span.Status != ActivityStatusCode.Error || span.OperationName.StartsWith("saga", StringComparison.Ordinal)).Select(
            span => $"{Pattern(span.OperationName)} | {span.Kind} | {string.Join(' ', span.TagObjects.Select(tag => tag.Key).Order(StringComparer.Ordinal))}");
        Assert.Equal(documented.Order(StringComparer.Ordinal), seen.Distinct().Order(StringComparer.Ordinal));

        static string Pattern(string name) => name switch
        {
            "saga traced" => "saga {definition}",
            "saga.end traced" => "saga.end {definition}",
            "saga.step call" or "saga.step fail" => "saga.step {step}",
            "saga.compensate call" => "saga.compensate {step}",
            _ => name,
        };
    }

    [Fact]
    public async Task Request_WithAnIdempotencyKey_ShowsWhetherItWasReplayed()
    {
        using var spans = new RecordedSpans(Sources);
        using var request = new Activity("test").Start();
        await PostAsync(new Uri(Shop, "/payments"), _id);
        await PostAsync(new Uri(Shop, "/payments"), _id);

        var begun = spans.Of(request).Where(span => span.OperationName == "idempotency begin").ToList();
        Assert.Equal(["started", "replayed"], begun.Select(span => span.GetTagItem("orleanspatterns.idempotency.outcome")));
        foreach (var span in begun)
        {
            await spans.StoppedAsync(request, server => server.Source.Name == "Microsoft.AspNetCore" && server.SpanId == span.ParentSpanId);
        }
    }

    /// <summary>So that it stands in the document for a reason: Orleans goes by the beginning of the namespace.</summary>
    [Fact]
    public async Task CallsOfOurOwnGrains_AreOrleansRuntimeCallsToOrleans()
    {
        using var spans = new RecordedSpans("Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application");
        using var request = new Activity("test").Start();
        await using var handle = await Cluster.Client.ServiceProvider.GetRequiredService<IDistributedLockProvider>()
            .AcquireLockAsync(_id, cancellationToken: Token).AsTask().Soon();

        var acquire = Assert.Single(spans.Of(request), span => span.OperationName == "lock acquire");
        var call = Assert.Single(spans.Of(request), span => span.ParentSpanId == acquire.SpanId);
        Assert.Equal(("Microsoft.Orleans.Runtime", ActivityKind.Client), (call.Source.Name, call.Kind));
        Assert.DoesNotContain(spans.Of(request), span => span.Source.Name == "Microsoft.Orleans.Application");
    }

    private static async Task PostAsync(Uri address, string? key = null)
    {
        using var http = new HttpClient();
        using var message = new HttpRequestMessage(HttpMethod.Post, address);
        if (key is not null)
        {
            message.Headers.Add("Idempotency-Key", key);
        }

        using var response = await http.SendAsync(message, Token);
        response.EnsureSuccessStatusCode();
    }

    private async Task StartSagaAsync(int saga, int stock)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, Silo(saga));
        await Sagas.StartAsync<TracedSaga, TracedData>(_id, Data(stock), Token);
    }

    private SiloAddress Silo(int number) => Cluster.Silos[number].SiloAddress;

    private TracedData Data(int stockSilo) => new() { Partner = new Uri(Shop, "/partner"), StockSilo = Silo(stockSilo).ToParsableString() };

    /// <summary>The saga's data as its first step left it.</summary>
    private async Task<TracedData> DataAsync()
    {
        var record = await Cluster.Client.GetSagaGrain(_id).AsReference<ISagaAttempts>().GetRecordAsync().Soon();
        return System.Text.Json.JsonSerializer.Deserialize<TracedData>(record.DataJson)!;
    }

    private sealed class Traced : ISiloConfigurator, IClientBuilderConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddActivityPropagation().AddSaga<TracedSaga, TracedData>();

        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) => clientBuilder.AddActivityPropagation();
    }
}
