using System.Globalization;
using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>A client process; when it is killed, another takes its place, with a history of its own.</summary>
internal sealed class WorkerSlot : IAsyncDisposable
{
    private readonly int _index;
    private readonly Dictionary<string, string> _settings;
    private readonly string _runFolder;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;
    private ChaosProcess? _process;

    internal WorkerSlot(int index, int seed, string connectionString, string runFolder, TimeSpan clockOffset, TimeProvider time)
    {
        (_index, _runFolder, _time) = (index, runFolder, time);
        _settings = new()
        {
            ["ConnectionStrings__OrleansPatterns"] = connectionString,
            ["ConnectionStrings__Direct"] = connectionString,
            ["Chaos__Seed"] = (seed + (1000 * index)).ToString(CultureInfo.InvariantCulture),
            [SkewedTime.Variable] = clockOffset.ToString("c", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>How long its place stays empty when its process ends.</summary>
    internal TimeSpan EmptyFor { get; set; }

    internal void Start() => _running = RunAsync();

    internal void Kill() => _process?.Kill();

    internal Task SignalAsync(string signal) => _process?.SignalAsync(signal) ?? Task.CompletedTask;

    /// <summary>Has it come to its end.</summary>
    internal async Task EndAsync(TimeSpan patience)
    {
        await _ending.CancelAsync();
        _process?.EndInput();
        await _running.WaitAsync(patience, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        Kill();
        await _running;
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        for (var start = 1; !_ending.IsCancellationRequested; start++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"worker-{_index}#{start}");
            _settings["Chaos__History"] = Path.Combine(_runFolder, name + Path.GetExtension(History.FilePattern));
            using var process = ChaosProcess.Start(ChaosWorker.Role, _settings, Path.Combine(_runFolder, $"{name}.log"));
            _process = process;
            await process.ExitAsync();
            _process = null;
            await Task.Delay(EmptyFor, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
