namespace OrleansPatterns.StandaloneSilo;

/// <summary>Ends the requests that are still under way two seconds after the silo has been asked to stop.</summary>
/// <remarks>
/// The web server stops before the silo does, and waits for its requests: a page of Orleans' dashboard that follows the log would take all the time
/// that the silo has to hand over what it holds.
/// </remarks>
internal sealed class LastRequests : IDisposable
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _end;
    private readonly CancellationTokenRegistration _registration;

    public LastRequests(IHostApplicationLifetime lifetime, TimeProvider time)
    {
        // With the clock from the start: only such a source counts by it.
        _end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _registration = lifetime.ApplicationStopping.Register(() => _end.CancelAfter(Time));
    }

    public void Dispose()
    {
        _registration.Dispose();
        _end.Dispose();
    }

    internal async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        await using var ended = _end.Token.Register(context.Abort);
        await next(context);
    }
}
