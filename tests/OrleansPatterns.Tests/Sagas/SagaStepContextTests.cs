using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.TestingHost;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What a step is given: its keys, its logger, and nothing of whoever happened to set it going.</summary>
public sealed class SagaStepContextTests(SagaCluster<SagaStepContextTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaStepContextTests.Silo>>
{
    [Fact]
    public async Task Step_KnowsNothingOfTheCallThatSetItGoing()
    {
        List<object?> seen = [];
        Script.On("reserve", _ => seen.Add(RequestContext.Get("tenant")));
        RequestContext.Set("tenant", "acme");

        await StartAsync<OrderSaga>();
        await EndAsync();

        Assert.Equal([null], seen);
    }

    [Fact]
    public async Task Step_Logs_WithTheSagaInItsScope()
    {
        Script.On("charge:compensation", context => context.Services.GetRequiredService<ILogger<SagaStepContextTests>>().LogWarning("Refunding."));
        Script.On("ship", _ => throw new SagaRejectedException("no lorry"));

        await StartAsync<OrderSaga>();
        await EndAsync();

        var scope = Assert.Single(ScopeRecorder.Scopes, fields => Equals(fields.GetValueOrDefault("SagaId"), Id));
        Assert.Equal(("charge", "Compensation", "1"), ($"{scope["SagaStep"]}", $"{scope["SagaDirection"]}", $"{scope["SagaAttempt"]}"));
    }

    [Fact]
    public async Task Keys_OfActionAndCompensation_AreTheSameInEachAttemptAndApart()
    {
        List<string> keys = [];
        Script.On("charge", context => keys.Add($"{context.IdempotencyKey} {context.ActionIdempotencyKey}"));
        Script.On("charge:compensation", context => keys.Add($"{context.IdempotencyKey} {context.ActionIdempotencyKey}"));
        Script.On("ship", _ => throw new SagaRejectedException("no lorry"));

        await StartAsync<OrderSaga>();
        await EndAsync();

        Assert.Equal([$"{Id}/charge {Id}/charge", $"{Id}/charge:compensation {Id}/charge"], keys);
    }

    /// <summary>An id may be as long as a key, and a key says more than the id.</summary>
    [Fact]
    public async Task Keys_OfTheLongestIds_AreValidAndApart()
    {
        List<(string Key, string Result)> runs = [];
        foreach (var ending in new[] { "1", "2" })
        {
            var script = new SagaScript(Id.PadRight(ResourceKey.MaxLength - 1, 'x') + ending);
            script.On("charge", async (context, token) => runs.Add(
                (context.IdempotencyKey, await context.ExecuteOnceAsync(_ => Task.FromResult(ending), token))));
            script.On("charge:compensation", async (context, token) => runs.Add(
                (context.IdempotencyKey, await context.ExecuteOnceAsync(_ => Task.FromResult($"-{ending}"), token))));
            script.On("ship", _ => throw new SagaRejectedException("no lorry"));
            await StartAsync<OrderSaga>(script.SagaId);
            Assert.Equal(SagaPhase.Compensated, (await EndAsync(script.SagaId)).Phase);
        }

        Assert.Equal(["1", "-1", "2", "-2"], runs.Select(run => run.Result));
        Assert.Equal(4, runs.Select(run => run.Key).Distinct().Count());
        Assert.All(runs, run => Assert.InRange(run.Key.Length, 1, IdempotencyKey.MaxKeyLength));
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.Services.AddSingleton<ILoggerProvider, ScopeRecorder>();
    }

    /// <summary>Keeps the scopes of what the tests' steps log.</summary>
    private sealed class ScopeRecorder : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider? _scopes;

        internal static ConcurrentQueue<Dictionary<string, object?>> Scopes { get; } = new();

        public ILogger CreateLogger(string categoryName) =>
            categoryName == typeof(SagaStepContextTests).FullName ? new Recorder(this) : NullLogger.Instance;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose()
        {
        }

        private sealed class Recorder(ScopeRecorder recorder) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var fields = new Dictionary<string, object?>();
                recorder._scopes?.ForEachScope(
                    static (scope, seen) =>
                    {
                        foreach (var (name, value) in scope as IEnumerable<KeyValuePair<string, object?>> ?? [])
                        {
                            seen[name] = value;
                        }
                    },
                    fields);
                Scopes.Enqueue(fields);
            }
        }
    }
}
