using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

internal static class IdempotencyTestStore
{
    /// <summary>A store like the registered one, with options and a clock of the test's own.</summary>
    internal static IdempotencyStore Create(IGrainFactory grains, TimeProvider time, IdempotencyOptions? options = null) =>
        CreateMeasured(grains, time, TestInstruments.Idempotency, options);

    internal static IdempotencyStore CreateMeasured(
        IGrainFactory grains, TimeProvider time, IdempotencyInstruments instruments, IdempotencyOptions? options = null) =>
        new(
            grains,
            new ClusterCaller(time, Options.Create(new ClusterCallOptions())),
            Options.Create(options ?? new IdempotencyOptions()),
            instruments,
            time,
            NullLogger<IdempotentExecution>.Instance);

    internal static BeginRequest Request(string fingerprint = "f", OnAbandoned onAbandoned = OnAbandoned.Retry) => new()
    {
        RequestId = Guid.NewGuid(),
        Fingerprint = fingerprint,
        Lease = TimeSpan.FromSeconds(30),
        Retention = TimeSpan.FromHours(24),
        OnAbandoned = onAbandoned,
    };

    internal static CompleteRequest Completion(long executionToken, string result = "42") => new()
    {
        ExecutionToken = executionToken, Result = System.Text.Encoding.UTF8.GetBytes(result), Retention = TimeSpan.FromHours(24),
    };

    internal static string NewKey() => Guid.NewGuid().ToString("N");

    internal static Task<T> InTime<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    internal static Task InTime(Task task) => task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
}
