using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

[assembly: AssemblyFixture(typeof(OrleansPatterns.BrowserTests.RunningShop))]

namespace OrleansPatterns.BrowserTests;

/// <summary>The shop, with its processes and a database, as a user starts it who wants to look at the console.</summary>
public sealed class RunningShop : IAsyncLifetime
{
    private const string ConsoleLine = "Console:";

    /// <summary>It starts seven processes and a database, sells, has a silo killed, and reads its books.</summary>
    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan SayTime = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new();
    private readonly TaskCompletionSource<Uri> _console = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    /// <summary>Where the console is.</summary>
    public Uri Console => _console.Task.Result;

    private string Said => string.Join(Environment.NewLine, _lines);

    /// <summary>Completes once the shop has said it, which may come after the console shows it.</summary>
    public async Task SaysAsync(string words)
    {
        var said = _awaited.GetOrAdd(words, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (Said.Contains(words, StringComparison.Ordinal))
        {
            said.TrySetResult();
        }

        try
        {
            await said.Task.WaitAsync(SayTime);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The shop has not said '{words}' but:{Environment.NewLine}{Said}");
        }
    }

    public async ValueTask InitializeAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Shop.dll"), "--orders", "10", "--stay", "true"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_console.Task, ended).WaitAsync(StartTime) == ended)
        {
            throw new InvalidOperationException($"The shop has ended before it opened:{Environment.NewLine}{Said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
        {
            return;
        }

        // As Ctrl+C does; killed, it could not stop its database.
        using var interrupt = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        try
        {
            await _process.WaitForExitAsync().WaitAsync(StopTime);
            Assert.Equal(0, _process.ExitCode);
        }
        finally
        {
            _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        foreach (var (words, said) in _awaited)
        {
            if (line.Contains(words, StringComparison.Ordinal))
            {
                said.TrySetResult();
            }
        }

        if (line.IndexOf(ConsoleLine, StringComparison.Ordinal) is >= 0 and var at && Uri.TryCreate(line[(at + ConsoleLine.Length)..].Trim(), UriKind.Absolute, out var address))
        {
            _console.TrySetResult(address);
        }
    }
}
