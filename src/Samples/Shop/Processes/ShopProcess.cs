using System.Diagnostics;
using Shop.Services;

namespace Shop.Processes;

/// <summary>A process of the shop, whose output goes to a file and which ends when the driver does.</summary>
internal sealed class ShopProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Task _logging;
    private readonly TimeProvider _time;

    private ShopProcess(string name, Process process, string logFile, TimeProvider time)
    {
        Name = name;
        LogFile = logFile;
        _process = process;
        _time = time;
        _logging = Task.WhenAll(CopyAsync(process.StandardOutput, logFile), CopyAsync(process.StandardError, logFile + ".err"));
    }

    public string Name { get; }

    public string LogFile { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static ShopProcess Start(string role, ProcessSettings settings, string clusterId, string logDirectory, TimeProvider time)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // "dotnet Shop.dll" has the host as its process path, the built program has itself.
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ShopProcess).Assembly.Location);
        }

        settings.WriteTo(start.Environment, role);
        ShopCluster.WriteTo(start.Environment, clusterId);

        // On this machine only, so whoever gets there may see and steer it.
        start.Environment["URLS"] = "http://127.0.0.1:0";
        start.Environment["Operators__AllowAnonymous"] = "true";
        return new ShopProcess(settings.Name, Process.Start(start)!, Path.Combine(logDirectory, settings.Name + ".log"), time);
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed, nobody is told.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Asks the process to stop by ending its standard input, and kills it if it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(StopTime, _time);
        }
        catch (TimeoutException)
        {
            _process.Kill();
        }

        await _logging;
        _process.Dispose();
    }

    private static async Task CopyAsync(StreamReader from, string file)
    {
        await using var to = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        await from.BaseStream.CopyToAsync(to);
    }
}
