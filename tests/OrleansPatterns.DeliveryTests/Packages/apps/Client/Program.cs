// Another service of the same cluster, without grains.
using System.Text.Json;
using Medallion.Threading;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.UseOrleansClient(client => client
    .UsePostgres(builder.Configuration.GetConnectionString("OrleansPatterns")!)
    .AddOrleansPatterns());
using var host = builder.Build();
await host.StartAsync();

var services = host.Services;
await using var handle = await services.GetRequiredService<IDistributedLockProvider>().AcquireLockAsync("sku-42");
var runs = 0;
var store = services.GetRequiredService<IIdempotencyStore>();
for (var attempt = 0; attempt < 2; attempt++)
{
    await store.ExecuteAsync("payment-7", RequestFingerprint.OfText("42 EUR"), _ => Task.FromResult(++runs));
}

Console.WriteLine(JsonSerializer.Serialize(new
{
    Token = handle.FencingToken,
    Runs = runs,
    Saga = (await services.GetRequiredService<ISagaClient>().GetStatusAsync("order-7")).Phase.ToString(),
    Orders = (await services.GetRequiredService<IServiceRegistry>().GetInstancesAsync("orders")).Available.Count(),
}));
await host.StopAsync();
