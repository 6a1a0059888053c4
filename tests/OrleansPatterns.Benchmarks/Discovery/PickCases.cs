using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;
using OrleansPatterns.Benchmarks.CircuitBreakers;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>What one pick costs a caller whose process knows the list.</summary>
internal static class PickCases
{
    private const int Instances = 100;
    private const string BeginCall = "OrleansPatterns, BeginCallAsync and End";
    private const string Resolve = "OrleansPatterns, ResolveAsync";
    private const string Microsoft = "Microsoft.Extensions.ServiceDiscovery";

    internal static async Task<IEnumerable<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment, IServiceRegistry registry)
    {
        for (var number = 0; number < Instances; number++)
        {
            environment.Own(await registry.RegisterAsync(Picks.Service, AddressOf(number)));
        }

        var listed = (await registry.GetInstancesAsync(Picks.Service)).Instances.Length;
        Picks.Registry = registry;
        Picks.Resolver = environment.Own(WithConfiguration()).GetRequiredService<ServiceEndpointResolver>();
        var configured = (await Picks.Resolver.GetEndpointsAsync($"http://{Picks.Service}", CancellationToken.None)).Endpoints.Count;
        if ((listed, configured) != (Instances, Instances))
        {
            throw new InvalidOperationException($"{listed} and {configured} instances are known instead of {Instances}.");
        }

        return
        [
            new BenchmarkCase(
                $"pick one of {Instances} instances", "ns", HigherIsBetter: false,
                [
                    new(BeginCall, InProcess.NanosecondsAsync<BeginCallPick>),
                    new(Resolve, InProcess.NanosecondsAsync<ResolvePick>),
                    new(Microsoft, InProcess.NanosecondsAsync<MicrosoftPick>),
                ]),
            new BenchmarkCase(
                $"pick one of {Instances} instances: allocated", "bytes", HigherIsBetter: false,
                [
                    new(BeginCall, InProcess.BytesAsync<BeginCallPick>),
                    new(Resolve, InProcess.BytesAsync<ResolvePick>),
                    new(Microsoft, InProcess.BytesAsync<MicrosoftPick>),
                ]),
        ];
    }

    private static ServiceProvider WithConfiguration()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(Enumerable.Range(0, Instances).Select(
                static number => KeyValuePair.Create($"Services:{Picks.Service}:http:{number}", (string?)AddressOf(number).Authority)))
            .Build();
        return new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration).AddServiceDiscovery().BuildServiceProvider();
    }

    private static Uri AddressOf(int number) => new($"http://10.0.1.{number}:8080");
}
