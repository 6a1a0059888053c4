using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>The process of a container: what the image's entry point names, with the environment of the container and nothing else.</summary>
internal sealed class ContainerProcess : IAsyncDisposable
{
    /// <summary>What a program needs to be found and to run on this machine, where it is not in an image.</summary>
    private static readonly string[] OfTheMachine = ["PATH", "HOME", "TMPDIR", "DOTNET_ROOT", "LANG"];

    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Image _image;
    private readonly ConcurrentQueue<string> _said = new();

    private ContainerProcess(string name, Image image, IReadOnlyDictionary<string, string> environment)
    {
        (Name, _image, Environment) = (name, image, environment);
        _process = Start(image.EntryPoint);
        _process.OutputDataReceived += Hear;
        _process.ErrorDataReceived += Hear;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal string Name { get; }

    internal IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Where its web server listens.</summary>
    internal Uri Address => new(Environment["URLS"]);

    internal string Said => string.Join('\n', _said);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static ContainerProcess Start(string name, Image image, IReadOnlyDictionary<string, string> environment) => new(name, image, environment);

    /// <summary>Runs the image's health check again and again, as the engine does, until it says for the first time that all is well.</summary>
    internal async Task WaitUntilHealthyAsync()
    {
        var patience = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(_image.HealthCheckInterval);
        while (await CheckHealthAsync() != 0)
        {
            Assert.False(_process.HasExited, $"{Name} has ended before it was healthy:\n{Said}");
            Assert.True(patience.Elapsed < StartTime, $"{Name} is not healthy after {StartTime}:\n{Said}");
            await timer.WaitForNextTickAsync(Token);
        }
    }

    internal async Task<int> CheckHealthAsync()
    {
        using var check = Start(_image.HealthCheck);
        await check.WaitForExitAsync(Token);
        return check.ExitCode;
    }

    internal async Task WaitUntilItSaysAsync(string text)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains(text, StringComparison.Ordinal) == true)
            {
                said.TrySetResult();
            }
        };
        if (!Said.Contains(text, StringComparison.Ordinal))
        {
            await said.Task.WaitAsync(StartTime, Token);
        }
    }

    /// <summary>SIGTERM, and how long the process took to end.</summary>
    internal async Task<(int ExitCode, TimeSpan Took)> StopAsync()
    {
        var watch = Stopwatch.StartNew();
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(Token);
        return (_process.ExitCode, watch.Elapsed);
    }

    internal async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(Token).WaitAsync(StartTime, Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private Process Start(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var machine = OfTheMachine.Select(name => (name, value: start.Environment.TryGetValue(name, out var value) ? value : null)).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in machine.Concat(Environment.Select(pair => (pair.Key, (string?)pair.Value))))
        {
            if (value is not null)
            {
                start.Environment[name] = value;
            }
        }

        return Process.Start(start)!;
    }

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            _said.Enqueue(line.Data);
        }
    }
}
