// An application as somebody writes it who has just heard of the packages: a silo in ASP.NET Core. It uses each pattern once, says what came of it, and
// serves until its standard input ends.
using System.Net.Http.Json;
using System.Text.Json;
using Medallion.Threading;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.UseOrleans(silo => silo
    .ConfigureEndpoints(builder.Configuration.GetValue<int>("SiloPort"), builder.Configuration.GetValue<int>("GatewayPort"))
    .UsePostgres(builder.Configuration.GetConnectionString("OrleansPatterns")!)
    .AddOrleansPatterns()
    .AddSaga<CheckoutSaga, Checkout>());
builder.Services.AddServiceRegistration("orders");
builder.Services.AddHealthChecks().AddOrleansPatterns();

var app = builder.Build();
var charges = 0;
app.MapPost("/charges", (Checkout order) => Results.Ok(new { order.Sku, Charges = Interlocked.Increment(ref charges) })).WithIdempotency();
app.MapHealthChecks("/health");
app.MapOrleansPatterns("/patterns").AllowAnonymous();
await app.StartAsync();

var services = app.Services;
var address = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
using var http = new HttpClient { BaseAddress = new Uri(address) };
var answers = new List<string>();
for (var attempt = 0; attempt < 2; attempt++)
{
    using var request = new HttpRequestMessage(HttpMethod.Post, "/charges") { Content = JsonContent.Create(new Checkout("sku-42", 2)) };
    request.Headers.Add("Idempotency-Key", "order-7");
    using var response = await http.SendAsync(request);
    answers.Add(await response.Content.ReadAsStringAsync());
}

long token;
await using (var handle = await services.GetRequiredService<IDistributedLockProvider>().AcquireLockAsync("sku-42"))
{
    token = handle.FencingToken;
}

await services.GetRequiredService<ISagaClient>().StartAsync<CheckoutSaga, Checkout>("order-7", new Checkout("sku-42", 2));
var saga = await services.GetRequiredService<ISagaClient>().WaitForCompletionAsync("order-7");
var called = await services.GetRequiredService<ICircuitBreakerProvider>().Get("payments").ExecuteAsync(_ => Task.FromResult("called"));
var orders = await services.GetRequiredService<IServiceRegistry>().ResolveAsync("orders");
Console.WriteLine(JsonSerializer.Serialize(new
{
    Answers = answers,
    Token = token,
    Saga = saga.Phase.ToString(),
    Breaker = called,
    Orders = orders.Endpoint.Port == new Uri(address).Port,
    Health = await http.GetStringAsync("/health"),
    Console = (await http.GetStringAsync("/patterns/")).Contains("<title>", StringComparison.Ordinal),
}));
await Console.In.ReadToEndAsync();
await app.StopAsync();

[GenerateSerializer]
public sealed record Checkout([property: Id(0)] string Sku, [property: Id(1)] int Quantity);

public sealed class CheckoutSaga : Saga<Checkout>
{
    protected override void Define(ISagaBuilder<Checkout> saga)
    {
        saga.Step("reserve").Do((_, _) => Task.CompletedTask).Compensate((_, _) => Task.CompletedTask);
        saga.Step("charge").Pivot().Do((_, _) => Task.CompletedTask);
    }
}
