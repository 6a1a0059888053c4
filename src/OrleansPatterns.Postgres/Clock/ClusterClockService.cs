namespace OrleansPatterns.Postgres.Clock;

/// <summary>Has the clock measured while the silo runs.</summary>
internal sealed class ClusterClockService(PostgresClusterClock clock, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>By then a reading has become 0.1 s wider, and a step of the server's clock shows.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // Not disposed: it holds nothing, and Dispose and stop may come in either order.
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>After the schema gate, which has waited for the database; and until no grain is active any more.</summary>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ClusterClockService), ServiceLifecycleStage.RuntimeInitialize, StartAsync, _ => StopAsync());

    /// <summary>Ends once the first measurement has been tried, whether or not it succeeded.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        await clock.MeasureAsync(cancellationToken);
        _running = Task.Run(() => RunAsync(_stopping.Token), CancellationToken.None);
    }

    internal async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    /// <summary>For a host that is thrown away without being stopped.</summary>
    public void Dispose() => _stopping.Cancel();

    private async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, stopping);
                await clock.MeasureAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The silo stops.
        }
    }
}
