using System.Diagnostics;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>Registrations, durable when they are answered.</summary>
internal sealed class RegistrationCases(IServiceRegistry client, IServiceRegistry coHosted, InstanceTable table)
{
    private const int Callers = 64;
    private const int Batch = 960;

    internal IEnumerable<BenchmarkCase> All() =>
    [
        new BenchmarkCase(
            "register and deregister, 16 callers on services of their own", "registrations/s", HigherIsBetter: true,
            [
                Pairs("OrleansPatterns, client", client),
                Pairs("OrleansPatterns, co-hosted", coHosted),
                new("SQL by hand", duration => Load.ThroughputAsync(16, duration, async (worker, number) =>
                {
                    await table.RegisterAsync($"own/{worker}", $"{number}");
                    await table.DeregisterAsync($"own/{worker}", $"{number}");
                })),
            ]),
        Case($"register, {Callers} callers on services of their own", static number => $"own/{number % Callers}"),
        Case($"register, {Callers} callers, {Batch} instances of one service", static _ => "one"),
    ];

    private static Contender Pairs(string system, IServiceRegistry registry) => new(system, duration => Load.ThroughputAsync(
        16, duration, async (worker, _) =>
        {
            await using var registration = await registry.RegisterAsync($"own/{worker}", InstanceTable.Endpoint);
        }));

    private BenchmarkCase Case(string name, Func<int, string> serviceOf)
    {
        return new BenchmarkCase(
            name, "registrations/s", HigherIsBetter: true,
            [
                Ours("OrleansPatterns, client", client),
                Ours("OrleansPatterns, co-hosted", coHosted),
                new("SQL by hand", duration => MeasureAsync(
                    duration,
                    async number =>
                    {
                        var id = Guid.NewGuid().ToString("N");
                        await table.RegisterAsync(serviceOf(number), id);
                        return id;
                    },
                    (number, id) => table.DeregisterAsync(serviceOf(number), id))),
            ]);

        Contender Ours(string system, IServiceRegistry registry) => new(system, duration => MeasureAsync(
            duration,
            number => registry.RegisterAsync(serviceOf(number), InstanceTable.Endpoint),
            static (_, registration) => registration.DisposeAsync().AsTask()));
    }

    /// <summary>Only registering counts; between one batch and the next all of it is deregistered.</summary>
    private static async Task<double> MeasureAsync<T>(TimeSpan duration, Func<int, Task<T>> register, Func<int, T, Task> deregister)
    {
        var registered = new T[Batch];
        var (clock, working, batches) = (Stopwatch.StartNew(), TimeSpan.Zero, 0);
        do
        {
            var startedAt = clock.Elapsed;
            await Load.OnceEachAsync(Callers, Batch, async number => registered[number] = await register(number));
            working += clock.Elapsed - startedAt;
            batches++;
            await Load.OnceEachAsync(Callers, Batch, number => deregister(number, registered[number]));
        }
        while (working < duration);

        return batches * Batch / working.TotalSeconds;
    }
}
