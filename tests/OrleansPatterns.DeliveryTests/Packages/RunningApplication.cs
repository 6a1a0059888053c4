using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace OrleansPatterns.DeliveryTests.Packages;

/// <summary>The process of an application that says one line of JSON when it has done what it does, and ends when its standard input does.</summary>
internal sealed class RunningApplication : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<JsonNode> _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal RunningApplication(string program, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var start = new ProcessStartInfo("dotnet", [program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private string Output => string.Join(Environment.NewLine, _lines);

    /// <summary>Waits for its line of JSON.</summary>
    internal async Task<JsonNode> SaysAsync(CancellationToken cancellationToken)
    {
        var ended = _process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(_said.Task, ended) != _said.Task && !_said.Task.IsCompleted)
        {
            Assert.Fail($"It has ended without a word of JSON:{Environment.NewLine}{Output}");
        }

        return await _said.Task;
    }

    /// <summary>Has it come to its end, which must be a good one.</summary>
    internal async Task EndAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellationToken);
        Assert.True(_process.ExitCode == 0, $"It has ended with {_process.ExitCode}:{Environment.NewLine}{Output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        if (line.StartsWith('{'))
        {
            _said.TrySetResult(JsonNode.Parse(line)!);
        }
    }
}
