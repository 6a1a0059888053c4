#pragma warning disable CA1822, IDE0059 // The code is what a reader sees: short, and not used further.

using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.CircuitBreakers;
using Polly;
using Polly.CircuitBreaker;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>The examples of <c>docs/circuit-breakers.md</c>, see <see cref="ExampleTests"/>.</summary>
internal sealed class CircuitBreakersExamples
{
    internal interface IPager
    {
        void Page(string text);
    }

    internal async Task<string> FirstAsync(ICircuitBreakerProvider breakers, HttpClient http, CancellationToken cancellationToken)
    {
        #region BREAKERS-FIRST
        try
        {
            return await breakers.Get("payments").ExecuteAsync(
                token => http.GetStringAsync("https://payments.example/status", token), cancellationToken);
        }
        catch (BrokenCircuitException refusal)
        {
            return $"Not now. Ask again in {refusal.RetryAfter?.TotalSeconds:0} s.";
        }
        #endregion
    }

    internal void Configure(IServiceCollection services)
    {
        #region BREAKERS-OPTIONS
        services.ConfigureAll<CircuitBreakerOptions>(options => options.SlowCallDuration = TimeSpan.FromSeconds(2));
        services.Configure<CircuitBreakerOptions>("payments", options => options.UseLowTrafficPreset().BreakDuration = TimeSpan.FromSeconds(10));
        #endregion
    }

    internal void Http(IServiceCollection services)
    {
        #region BREAKERS-HTTP
        services.AddHttpClient("payments", client => client.BaseAddress = new Uri("https://payments.example"))
            .AddClusterCircuitBreaker("payments", options => options.TimeoutAfter = TimeSpan.FromSeconds(3));
        #endregion
    }

    internal ResiliencePipeline<HttpResponseMessage> Pipeline(ICircuitBreakerProvider breakers)
    {
        #region BREAKERS-POLLY
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddClusterCircuitBreaker(breakers.Get("payments"), new ClusterCircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                    .Handle<HttpRequestException>()
                    .HandleResult(response => response.StatusCode == HttpStatusCode.ServiceUnavailable),
            })
            .Build();
        #endregion
        return pipeline;
    }

    internal void Listen(IServiceCollection services)
    {
        #region BREAKERS-LISTENER-REGISTRATION
        services.AddSingleton<IBreakerListener, Alarm>();
        #endregion
    }

    internal async Task OperateAsync(ICircuitBreakerOperations operations)
    {
        #region BREAKERS-OPERATIONS
        var status = await operations.GetStatusAsync("payments");
        await operations.HoldAsync("payments", new BreakerOverride
        {
            State = BreakerState.Isolated,
            Reason = "their database is being moved",
            Author = "lena",
            ExpiresAfter = TimeSpan.FromHours(1),
        });
        await operations.CloseAsync("payments", author: "lena");
        #endregion
    }

    internal async Task MeasureAsync(ICircuitBreakerOperations operations)
    {
        #region BREAKERS-MIGRATION
        await operations.HoldAsync("payments", new BreakerOverride
        {
            State = BreakerState.MetricsOnly, Reason = "beside Polly's breaker for a week", Author = "lena", ExpiresAfter = TimeSpan.FromDays(7),
        });
        #endregion
    }

    #region BREAKERS-LISTENER
    internal sealed class Alarm(IPager pager) : IBreakerListener
    {
        public void OnTransition(string dependency, BreakerTransition transition)
        {
            if (transition.To == BreakerState.Open)
            {
                pager.Page($"{dependency}: {transition.Reason}");
            }
        }
    }
    #endregion
}
