using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Benchmarks.Sagas;

/// <summary>A saga of two empty steps from start to known end: what is left is the bookkeeping.</summary>
internal sealed class SagasArea : IBenchmarkArea
{
    private static readonly int[] Callers = [1, 64];

    public string Name => "sagas";

    public async Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment)
    {
        var client = (await environment.ClientAsync()).GetRequiredService<ISagaClient>();
        var coHosted = (await environment.CoHostedAsync()).GetRequiredService<ISagaClient>();
        var rebus = environment.Own(new RebusSaga(await environment.DatabaseAsync()));
        return [.. Callers.Select(callers => new BenchmarkCase(
            $"two steps, {callers} at a time", "sagas/s", HigherIsBetter: true,
            [
                new("OrleansPatterns, client", duration => Load.ThroughputAsync(callers, duration, (_, number) => RunAsync(client, number))),
                new("OrleansPatterns, co-hosted", duration => Load.ThroughputAsync(callers, duration, (_, number) => RunAsync(coHosted, number))),
                new("Rebus.PostgreSql", duration => Load.ThroughputAsync(callers, duration, (_, number) => rebus.RunAsync($"{number}"))),
            ]))];
    }

    internal static async Task RunAsync(ISagaClient sagas, long number)
    {
        var id = $"saga-{number}";
        await sagas.StartAsync<TwoStepSaga, TwoStepData>(id, new TwoStepData { Text = "benchmark" });
        var status = await sagas.WaitForCompletionAsync(id);
        if (status.Phase != SagaPhase.Completed)
        {
            throw new InvalidOperationException($"{id} ended as {status.Phase}.");
        }
    }
}
