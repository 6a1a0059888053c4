using System.Collections.Concurrent;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>A place for one process. Whenever that ends, another takes its place, as a service manager would see to it.</summary>
/// <param name="start">Starts the process; told which one it is, from 1.</param>
/// <param name="pause">How long the place stays empty where nobody says otherwise.</param>
/// <param name="time">Measures that.</param>
internal sealed class ProcessSlot(Func<int, ChaosProcess> start, TimeSpan pause, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<int> _exitCodes = new();
    private Task _running = Task.CompletedTask;
    private ChaosProcess? _process;

    /// <summary>How those who had the place have ended.</summary>
    internal IReadOnlyCollection<int> ExitCodes => _exitCodes;

    /// <summary>How long the place stays empty when the present process ends.</summary>
    internal TimeSpan? EmptyFor { get; set; }

    internal void Start() => _running = RunAsync();

    internal bool Has(int localPort) => _process?.Has(localPort) ?? false;

    internal void Kill() => _process?.Kill();

    internal Task SignalAsync(string signal) => _process?.SignalAsync(signal) ?? Task.CompletedTask;

    /// <summary>Tells a worker that it is to come to its end; another takes its place.</summary>
    internal void EndInput() => _process?.EndInput();

    /// <summary>Waits for the process to end when it has been asked to; nobody takes its place.</summary>
    internal async Task EndAsync(Func<ChaosProcess, Task> ask)
    {
        await _ending.CancelAsync();
        if (_process is { } process)
        {
            await ask(process);
        }

        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(process =>
        {
            process.Kill();
            return Task.CompletedTask;
        });
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        for (var number = 1; !_ending.IsCancellationRequested; number++)
        {
            using var process = start(number);
            _process = process;
            await process.ExitAsync();
            _process = null;
            _exitCodes.Enqueue(process.ExitCode);
            await Task.Delay(EmptyFor ?? pause, time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            EmptyFor = null;
        }
    }
}
