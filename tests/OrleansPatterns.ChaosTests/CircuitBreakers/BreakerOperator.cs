using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>Now and then holds a breaker open by hand, and closes it again.</summary>
internal sealed class BreakerOperator(ICircuitBreakerProvider breakers, HistoryWriter history, TimeProvider time)
{
    internal async Task RunAsync(Random random, CancellationToken quiet)
    {
        while (!quiet.IsCancellationRequested)
        {
            await WaitAsync(random.Next(20_000, 40_000), quiet);
            var breaker = breakers.Get(ChaosBreakers.Dependencies[random.Next(ChaosBreakers.Dependencies.Count)]);
            await DoAsync(BreakerActions.Isolate, breaker.Name, () => breaker.IsolateAsync("chaos", CancellationToken.None));

            // Mostly shorter than everybody has to know of it, which is what hurries; at times longer, which is what can be checked.
            await WaitAsync(random.Next(4) == 0 ? random.Next(6_000, 10_000) : random.Next(500, 2_000), quiet);

            // What is not closed in the end has to be found as it was left.
            if (!quiet.IsCancellationRequested)
            {
                await DoAsync(BreakerActions.Close, breaker.Name, () => breaker.CloseAsync(CancellationToken.None));
            }
        }
    }

    private async Task DoAsync(string action, string breaker, Func<Task> call)
    {
        var operation = history.Call(action, breaker);
        try
        {
            await call();
            operation.Ok();
        }
        catch (Exception exception)
        {
            operation.Unknown(exception);
        }
    }

    private async Task WaitAsync(int milliseconds, CancellationToken quiet) =>
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, quiet).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
