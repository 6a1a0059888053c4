using System.Diagnostics;
using System.Globalization;
using OrleansPatterns.ChaosTests.Nemesis;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>A child process that is this program in another role, or the same of another build; what it says goes into a file of the run.</summary>
internal sealed class ChaosProcess : IDisposable
{
    internal const string FileName = "OrleansPatterns.ChaosTests.dll";

    private readonly Process _process;
    private readonly Task _logging;

    private ChaosProcess(Process process, string logPath) => (_process, _logging) = (process, LogAsync(process, logPath));

    /// <summary>The program as it was built with these tests.</summary>
    internal static string ThisBuild { get; } = Path.Combine(AppContext.BaseDirectory, FileName);

    internal bool HasExited => _process.HasExited;

    /// <summary>What it said when it ended.</summary>
    internal int ExitCode => _process.ExitCode;

    internal static ChaosProcess Start(string program, string role, IEnumerable<KeyValuePair<string, string>> settings, string logPath)
    {
        var start = new ProcessStartInfo("dotnet", [program, role])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new ChaosProcess(Process.Start(start)!, logPath);
    }

    /// <summary>Whether it has a connection from a local port.</summary>
    internal bool Has(int localPort) => !_process.HasExited && LocalPort.IsOf(_process.Id, localPort);

    /// <summary>By its name: <c>STOP</c> freezes the process as it is, <c>CONT</c> lets it go on, <c>TERM</c> asks it to end in order.</summary>
    internal async Task SignalAsync(string signal)
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {_process.Id} 2>/dev/null")]);
            await kill.WaitForExitAsync();
        }
    }

    internal void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    /// <summary>Tells a worker that it is to come to its end.</summary>
    internal void EndInput() => _process.StandardInput.Close();

    internal async Task ExitAsync(CancellationToken cancellationToken = default)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _logging;
    }

    public void Dispose() => _process.Dispose();

    private static async Task LogAsync(Process process, string path)
    {
        await using var log = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        await using var errors = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        await Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(log), process.StandardError.BaseStream.CopyToAsync(errors));
    }
}
