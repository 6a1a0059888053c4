using System.Globalization;
using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>A client process; when it is killed, another takes its place, with a history of its own.</summary>
internal sealed class WorkerSlot : IAsyncDisposable
{
    private readonly TimeProvider _time;

    internal WorkerSlot(int index, int seed, string connectionString, string runFolder, TimeSpan clockOffset, TimeProvider time)
    {
        _time = time;
        Dictionary<string, string> settings = new()
        {
            ["ConnectionStrings__OrleansPatterns"] = connectionString,
            ["ConnectionStrings__Direct"] = connectionString,
            ["Chaos__Seed"] = (seed + (1000 * index)).ToString(CultureInfo.InvariantCulture),
            [SkewedTime.Variable] = clockOffset.ToString("c", CultureInfo.InvariantCulture),
        };
        Slot = new ProcessSlot(Start, TimeSpan.Zero, time);

        ChaosProcess Start(int number)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"worker-{index}#{number}");
            settings["Chaos__History"] = Path.Combine(runFolder, name + Path.GetExtension(History.FilePattern));
            return ChaosProcess.Start(Program, ChaosWorker.Role, settings, Path.Combine(runFolder, $"{name}.log"));
        }
    }

    /// <summary>The build that the next process is of.</summary>
    internal string Program { get; set; } = ChaosProcess.ThisBuild;

    internal ProcessSlot Slot { get; }

    /// <summary>Has it come to its end.</summary>
    internal Task EndAsync(TimeSpan patience) => Slot.EndAsync(process =>
    {
        process.EndInput();
        return Task.CompletedTask;
    }).WaitAsync(patience, _time);

    public ValueTask DisposeAsync() => Slot.DisposeAsync();
}
