using System.Collections.Concurrent;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>
/// What the steps of one test's saga do. Silos of a test cluster live in the test's process, so steps find it by the saga's id.
/// </summary>
internal sealed class SagaScript
{
    private static readonly ConcurrentDictionary<string, SagaScript> Scripts = new();

    private readonly ConcurrentDictionary<string, Func<SagaStepContext<OrderData>, CancellationToken, Task>> _bodies = new();
    private readonly ConcurrentQueue<string> _calls = new();

    public SagaScript(string sagaId)
    {
        SagaId = sagaId;
        Scripts[sagaId] = this;
    }

    public string SagaId { get; }

    /// <summary>
    /// What was begun, in order: <c>charge#1</c>, <c>charge:compensation#1</c>, with a <c>?</c> when the outcome is unknown.
    /// </summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>Sets what a step does. Without it, it succeeds.</summary>
    /// <param name="key">The step, or <c>step:compensation</c>.</param>
    /// <param name="body">What it does.</param>
    public SagaScript On(string key, Func<SagaStepContext<OrderData>, CancellationToken, Task> body)
    {
        _bodies[key] = body;
        return this;
    }

    public SagaScript On(string key, Action<SagaStepContext<OrderData>> body) => On(
        key,
        (context, _) =>
        {
            body(context);
            return Task.CompletedTask;
        });

    /// <summary>Has a step hang until it is released, deaf to its token, and tells when it has begun.</summary>
    public (Task Begun, TaskCompletionSource Release) Hang(string key, int attempt = 1)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        On(key, async (context, _) =>
        {
            if (context.Attempt == attempt)
            {
                begun.TrySetResult();
                await release.Task;
            }
        });
        return (begun.Task, release);
    }

    /// <summary>Has the first attempt of a step wait for its token, and tells when it has begun and when its token has fired.</summary>
    public (Task Begun, Task Cancelled) HangUntilCancelled(string key)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        On(key, async (context, token) =>
        {
            if (context.Attempt == 1)
            {
                await using var registration = token.Register(() => cancelled.TrySetResult());
                begun.TrySetResult();
                await cancelled.Task;
                token.ThrowIfCancellationRequested();
            }
        });
        return (begun.Task, cancelled.Task);
    }

    public static Task RunAsync(SagaStepContext<OrderData> context, CancellationToken cancellationToken)
    {
        var script = Scripts[context.SagaId];
        var key = context.IsCompensation ? $"{context.StepName}:compensation" : context.StepName;
        script._calls.Enqueue($"{key}#{context.Attempt}{(context.IsOutcomeUnknown ? "?" : "")}");
        context.Data.Trail.Add(key);
        return script._bodies.TryGetValue(key, out var body) ? body(context, cancellationToken) : Task.CompletedTask;
    }
}
