using OrleansPatterns.Locks;

namespace OrleansPatterns.Tests.Locks;

/// <summary>Requests as a client of the grain itself makes them.</summary>
internal static class LockCommands
{
    internal static readonly TimeSpan SafetyNet = TimeSpan.FromSeconds(20);

    internal static LockRequest Ask(double leaseSeconds = 15, bool wait = true) => new()
    {
        RequestId = Guid.NewGuid(), Owner = "test", Lease = TimeSpan.FromSeconds(leaseSeconds), WaitFor = wait ? TimeSpan.FromSeconds(10) : TimeSpan.Zero,
    };

    internal static string FreshKey() => $"lock-{Guid.NewGuid():N}";

    internal static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(SafetyNet, TestContext.Current.CancellationToken);

    internal static Task Soon(this Task task) => task.WaitAsync(SafetyNet, TestContext.Current.CancellationToken);

    internal static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().Soon();
}
