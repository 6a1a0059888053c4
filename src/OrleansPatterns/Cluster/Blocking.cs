namespace OrleansPatterns.Cluster;

/// <summary>For interfaces that demand synchronous twins.</summary>
internal static class Blocking
{
    /// <summary>Runs on the thread pool, so that no continuation needs the caller's synchronization context, which the caller blocks.</summary>
    internal static void Wait(Func<Task> call) => Task.Run(call, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc cref="Wait"/>
    internal static T Wait<T>(Func<Task<T>> call) => Task.Run(call, CancellationToken.None).GetAwaiter().GetResult();
}
