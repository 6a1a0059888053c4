namespace OrleansPatterns.Tests;

/// <summary>A context whose posts nobody ever runs, as that of a busy UI thread would be.</summary>
internal sealed class DeadContext : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state)
    {
    }

    /// <summary>Holds a thread up in such a context.</summary>
    internal static Task<T> RunAsync<T>(Func<T> action) => Task.Factory.StartNew(
        () =>
        {
            SetSynchronizationContext(new DeadContext());
            try
            {
                return action();
            }
            finally
            {
                SetSynchronizationContext(null);
            }
        },
        TestContext.Current.CancellationToken,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
}
