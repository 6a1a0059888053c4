using OrleansPatterns.Benchmarks.CircuitBreakers;
using OrleansPatterns.Benchmarks.Discovery;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Benchmarks.Idempotency;
using OrleansPatterns.Benchmarks.Locks;
using OrleansPatterns.Benchmarks.Sagas;
using OrleansPatterns.Benchmarks.Scale;
using OrleansPatterns.Benchmarks.Storage;

if (args is [BenchmarkSilo.Role, var connectionString])
{
    await BenchmarkSilo.RunAsChildAsync(connectionString);
    return 0;
}

IBenchmarkArea[] areas = [new StorageArea(), new LocksArea(), new BreakersArea(), new DiscoveryArea(), new IdempotencyArea(), new SagasArea()];
try
{
    var arguments = BenchmarkArguments.Parse(args);
    var chosen = areas.Where(area => arguments.Area == "all" || area.Name == arguments.Area).ToList();
    var isScale = arguments.Area is "all" or ScaleArea.Name;
    if (chosen.Count == 0 && !isScale)
    {
        throw BenchmarkArguments.Wrong($"There is no area '{arguments.Area}'.");
    }

    List<Measurement> measurements = [];
    foreach (var area in chosen)
    {
        // Each area has servers and silos of its own: what one leaves behind is no load on the next.
        await using var environment = await BenchmarkEnvironment.StartAsync();
        var runner = new BenchmarkRunner(arguments.Duration, arguments.Rounds);
        foreach (var question in (await area.PrepareAsync(environment)).SelectMany(question => question.Only(arguments.Case, arguments.System)))
        {
            await Console.Error.WriteLineAsync($"{area.Name}: {question.Name}");
            measurements.AddRange(await runner.RunAsync(area.Name, question));
        }
    }

    if (isScale)
    {
        await using var environment = await BenchmarkEnvironment.StartAsync();
        measurements.AddRange(await ScaleArea.RunAsync(environment, arguments.Sizes));
    }

    Report.Show(measurements);
    if (arguments.JsonPath is { } json)
    {
        await Report.WriteJsonAsync(json, measurements);
    }

    if (arguments.MarkdownPath is { } markdown)
    {
#pragma warning disable RS0030 // The date of a run is that of this machine.
        var today = DateOnly.FromDateTime(TimeProvider.System.GetLocalNow().DateTime);
#pragma warning restore RS0030
        await Report.WriteMarkdownAsync(markdown, measurements, arguments, today);
    }

    return 0;
}
catch (ArgumentException fault)
{
    await Console.Error.WriteLineAsync(fault.Message);
    return 2;
}
