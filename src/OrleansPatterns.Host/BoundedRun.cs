namespace OrleansPatterns.StandaloneSilo;

/// <summary>Runs until the process is asked to stop, and ends it in time however far the silo has come.</summary>
/// <remarks>Without its database a silo is not given up by Orleans for two minutes after the time that the host gives it.</remarks>
internal static partial class BoundedRun
{
    /// <summary>In which Orleans still closes its connections after the host has stopped waiting.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    internal static async Task RunAsync(WebApplication app, TimeSpan timeout, TimeProvider time)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = app.Lifetime.ApplicationStopping.Register(asked.SetResult);
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (asked.Task.IsCompleted)
        {
            // Asked to stop before it had begun.
            return;
        }

        var stopped = app.WaitForShutdownAsync();
        await Task.WhenAny(asked.Task, stopped);
        if (await Task.WhenAny(stopped, Task.Delay(timeout + Grace, time)) == stopped && !stopped.IsCanceled)
        {
            await stopped;
            await app.DisposeAsync();
            return;
        }

        LogNotHandedOver(app.Logger, timeout);

        // Writes what has been logged; all else ends with the process.
        app.Services.GetRequiredService<ILoggerFactory>().Dispose();
    }

    [LoggerMessage(
        8001,
        LogLevel.Warning,
        "The silo did not stop in order within {ShutdownTimeout}, as without its database it cannot. What it held passes on as after a crash.")]
    private static partial void LogNotHandedOver(ILogger logger, TimeSpan shutdownTimeout);
}
