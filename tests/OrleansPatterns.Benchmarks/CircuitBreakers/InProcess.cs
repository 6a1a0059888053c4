using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>Measures one call in this process by BenchmarkDotNet, within about the given time.</summary>
internal static class InProcess
{
    private const int Iterations = 5;

    /// <returns>Nanoseconds a call.</returns>
    internal static Task<double> NanosecondsAsync<TBenchmark>(TimeSpan duration) => Task.Run(() =>
    {
        var job = Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(1)
            .WithIterationCount(Iterations)
            .WithIterationTime(TimeInterval.FromMilliseconds(Math.Max(10, duration.TotalMilliseconds / (Iterations + 1))));
        var config = ManualConfig.CreateEmpty().AddJob(job).AddLogger(NullLogger.Instance).WithOptions(ConfigOptions.DisableLogFile)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "orleanspatterns-benchmarks"));
        var report = BenchmarkRunner.Run<TBenchmark>(config).Reports.Single();
        return report.ResultStatistics?.Mean ?? throw new InvalidOperationException($"{typeof(TBenchmark).Name} gave no result.");
    });
}
