using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>Registering, picking and watching, beside a table of instances as teams write it by hand and a list from a configuration.</summary>
internal sealed class DiscoveryArea : IBenchmarkArea
{
    private const string Service = "ten";
    private const int Instances = 10;

    public string Name => "discovery";

    /// <summary>Of the client's process.</summary>
    internal static void Configure(IServiceCollection services)
    {
        services.AddSingleton<HeartbeatMessages>();
        services.AddSingleton<IOutgoingGrainCallFilter>(provider => provider.GetRequiredService<HeartbeatMessages>());
    }

    public async Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment)
    {
        var client = (await environment.ClientAsync()).GetRequiredService<IServiceRegistry>();
        var coHosted = (await environment.CoHostedAsync()).GetRequiredService<IServiceRegistry>();
        var table = environment.Own(await InstanceTable.CreateAsync(await environment.DatabaseAsync()));
        for (var number = 0; number < Instances; number++)
        {
            environment.Own(await client.RegisterAsync(Service, InstanceTable.Endpoint));
            environment.Own(await coHosted.RegisterAsync(Service, InstanceTable.Endpoint));
            await table.RegisterAsync(Service, $"{number}");
        }

        return
        [
            .. await PickCases.PrepareAsync(environment, client),
            new BenchmarkCase(
                $"resolve one of {Instances} instances, 16 callers", "calls/s", HigherIsBetter: true,
                [
                    Resolves("OrleansPatterns, client", client),
                    Resolves("OrleansPatterns, co-hosted", coHosted),
                    new("SQL by hand, a query a call", duration => Load.ThroughputAsync(16, duration, async (_, number) =>
                    {
                        var endpoints = await table.ListAsync(Service);
                        if (endpoints[(int)(number % endpoints.Count)].Length == 0)
                        {
                            throw new InvalidOperationException("An instance has no endpoint.");
                        }
                    })),
                ]),
            .. new RegistrationCases(client, coHosted, table).All(),
            .. VisibilityCases.All(environment),
            .. SpreadCases.All(environment),
            .. new HeartbeatCases(environment).All(),
        ];
    }

    private static Contender Resolves(string system, IServiceRegistry registry) => new(system, duration => Load.ThroughputAsync(
        16, duration, async (_, _) => await registry.ResolveAsync(Service)));
}
