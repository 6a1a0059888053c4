using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Benchmarks.Sagas;

/// <summary>Sleeps until its time, then notes how late it was woken. Only where the silo is in this process.</summary>
internal sealed class SleepingSaga(TimeProvider time) : Saga<OrderData>
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<double>> Lateness = new();

    /// <summary>What those who share a text noted, in milliseconds.</summary>
    internal static ConcurrentQueue<double> LatenessOf(string text) => Lateness.GetOrAdd(text, static _ => new ConcurrentQueue<double>());

    protected override void Define(ISagaBuilder<OrderData> saga)
    {
        saga.Delay("sleep", data => data.WakesAt - time.GetUtcNow());
        saga.Step("note").Do((step, _) =>
        {
            var now = step.Services.GetRequiredService<TimeProvider>().GetUtcNow();
            LatenessOf(step.Data.Text).Enqueue((now - step.Data.WakesAt).TotalMilliseconds);
            return Task.CompletedTask;
        });
    }
}
