using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>Measures one call in this process by BenchmarkDotNet, within about the given time.</summary>
internal static class InProcess
{
    private const int Iterations = 5;

    /// <returns>Nanoseconds a call.</returns>
    internal static async Task<double> NanosecondsAsync<TBenchmark>(TimeSpan duration) =>
        (await RunAsync<TBenchmark>(duration)).ResultStatistics?.Mean ?? throw new InvalidOperationException($"{typeof(TBenchmark).Name} gave no result.");

    /// <returns>Bytes a call, of the whole process: what reports in the background allocate is in it.</returns>
    internal static async Task<double> BytesAsync<TBenchmark>(TimeSpan duration)
    {
        var report = await RunAsync<TBenchmark>(duration);
        return report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase)
            ?? throw new InvalidOperationException($"{typeof(TBenchmark).Name} gave no bytes.");
    }

    private static Task<BenchmarkReport> RunAsync<TBenchmark>(TimeSpan duration) => Task.Run(() =>
    {
        var job = Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(1)
            .WithIterationCount(Iterations)
            .WithIterationTime(TimeInterval.FromMilliseconds(Math.Max(10, duration.TotalMilliseconds / (Iterations + 1))));
        var config = ManualConfig.CreateEmpty().AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableLogFile).WithArtifactsPath(Path.Combine(Path.GetTempPath(), "orleanspatterns-benchmarks"));
        return BenchmarkRunner.Run<TBenchmark>(config).Reports.Single();
    });
}
