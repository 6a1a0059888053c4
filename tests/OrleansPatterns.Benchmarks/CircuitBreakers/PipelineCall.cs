using BenchmarkDotNet.Attributes;
using Polly;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>A call through a pipeline whose answer, or rejection, is an outcome and is not thrown; as Polly measures itself.</summary>
public abstract class PipelineCall
{
    private readonly ResilienceContext _context = ResilienceContextPool.Shared.Get();
    private readonly ResiliencePipeline _pipeline;

    private protected PipelineCall(ResiliencePipeline? pipeline) => _pipeline = pipeline!;

    [Benchmark]
    public ValueTask<Outcome<int>> CallAsync() => _pipeline.ExecuteOutcomeAsync(static (_, _) => Outcome.FromResultAsValueTask(42), _context, 0);
}

/// <summary>Ours while it is closed.</summary>
public class ClosedPipelineCall() : PipelineCall(BreakerCalls.ClosedPipeline);

/// <summary>Polly's while it is closed.</summary>
public class PollyClosedPipelineCall() : PipelineCall(BreakerCalls.PollyClosed);

/// <summary>Ours while it is open.</summary>
public class OpenPipelineCall() : PipelineCall(BreakerCalls.OpenPipeline);

/// <summary>Polly's while it is open.</summary>
public class PollyOpenPipelineCall() : PipelineCall(BreakerCalls.PollyOpen);
