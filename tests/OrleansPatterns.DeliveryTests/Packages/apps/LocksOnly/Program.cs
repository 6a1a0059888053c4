// A small service that takes a lock now and then, and wants nothing else: it finds the silos by what Orleans itself has for that.
using System.Text.Json;
using Medallion.Threading;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansPatterns.Locks;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.UseOrleansClient(client => client
    .UseAdoNetClustering(clustering =>
    {
        clustering.Invariant = "Npgsql";
        clustering.ConnectionString = builder.Configuration.GetConnectionString("OrleansPatterns")!;
    })
    .AddOrleansPatterns());
using var host = builder.Build();
await host.StartAsync();
await using (var handle = await host.Services.GetRequiredService<IDistributedLockProvider>().AcquireLockAsync("sku-42"))
{
    Console.WriteLine(JsonSerializer.Serialize(new { Token = handle.FencingToken }));
}

await host.StopAsync();
