using System.Diagnostics;

namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>A process that ends when this one does: it, or the shell around it, waits for its standard input to end.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    internal static ChildProcess Start(string fileName, params IEnumerable<string> arguments) => new(
        Process.Start(new ProcessStartInfo(fileName, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })
        ?? throw new InvalidOperationException($"'{fileName}' did not start."));

    /// <summary>Starts this very program with other arguments, whether it runs as itself or as an assembly of <c>dotnet</c>.</summary>
    internal static ChildProcess StartOwnRole(params IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? Start(program, [typeof(ChildProcess).Assembly.Location, .. arguments])
            : Start(program, arguments);
    }

    /// <summary>What it has used of all processors until now.</summary>
    internal TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The next line that the process says.</summary>
    internal async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"'{_process.StartInfo.FileName}' ended.");

    internal async Task<string> AskAsync(string question)
    {
        await _process.StandardInput.WriteLineAsync(question);
        return await ReadLineAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
