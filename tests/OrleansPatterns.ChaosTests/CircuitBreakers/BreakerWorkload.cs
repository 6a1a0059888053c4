using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>Calls dependencies through their breakers, looks at these all the time, and now and then holds one open by hand.</summary>
internal sealed class BreakerWorkload(ICircuitBreakerProvider breakers, HistoryWriter history, TimeProvider time)
{
    private const int Callers = 2;

    /// <param name="services">Of a worker.</param>
    /// <param name="process">By what name it is known in the history.</param>
    internal static void AddTo(IServiceCollection services, string process)
    {
        services.AddSingleton<BreakerWorkload>();
        foreach (var dependency in ChaosBreakers.Dependencies)
        {
            services.Configure<CircuitBreakerOptions>(dependency, options =>
            {
                ChaosBreakers.Configure(dependency, options);
                options.CallerName = process;
            });
        }
    }

    /// <summary>Asks the cluster in what state it has the breakers held by hand.</summary>
    /// <param name="client">A client of the run.</param>
    /// <param name="path">Where its answers are noted.</param>
    internal static async Task NoteStatusAsync(IServiceProvider client, string path)
    {
        using var history = new HistoryWriter(path);
        foreach (var dependency in ChaosBreakers.Dependencies)
        {
            var breaker = client.GetRequiredService<IGrainFactory>().GetBreakerGrain(dependency);
            var status = history.Call(BreakerActions.Status, dependency);
            var answer = await client.GetRequiredService<ClusterCaller>().CallAsync($"look at {dependency}", _ => breaker.GetStatusAsync(), CancellationToken.None);
            status.Ok(value: $"{answer.Override?.State ?? BreakerState.None}");
        }
    }

    internal Task RunAsync(Random random, CancellationToken quiet)
    {
        var calls = ChaosBreakers.Dependencies.Select(dependency => new BreakerCalls(CircuitBreaker.Own(breakers.Get(dependency)), history, time)).ToList();
        return Task.WhenAll(
        [
            .. calls.SelectMany(own => Enumerable.Range(0, Callers).Select(_ => own.RunAsync(new Random(random.Next()), quiet))),
            new BreakerWatcher(calls, history, time).RunAsync(quiet),
            new BreakerOperator(breakers, history, time).RunAsync(new Random(random.Next()), quiet),
        ]);
    }
}
