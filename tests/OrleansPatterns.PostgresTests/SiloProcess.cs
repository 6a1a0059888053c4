using System.Diagnostics;
using System.Globalization;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests;

/// <summary>The standalone silo as a process of its own, which can be killed and stopped as no host in this process can.</summary>
internal static class SiloProcess
{
    internal const string ClusterId = "standalone";

    /// <param name="connectionString">Its database.</param>
    /// <param name="settings">More environment variables.</param>
    /// <param name="role">What this program is to be; <see langword="null"/>: the standalone silo instead.</param>
    internal static Process Start(string connectionString, IReadOnlyDictionary<string, string>? settings = null, string? role = null)
    {
        var (siloPort, gatewayPort) = SiloHost.FreePorts();
        string[] program = role is null ? ["OrleansPatterns.Host.dll"] : ["OrleansPatterns.PostgresTests.dll", role];
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program[0]), .. program[1..]])
        {
            RedirectStandardError = true,
            Environment =
            {
                ["ConnectionStrings__OrleansPatterns"] = connectionString,
                ["Orleans__ClusterId"] = ClusterId,
                ["Orleans__ServiceId"] = "tests",
                ["SiloPort"] = siloPort.ToString(CultureInfo.InvariantCulture),
                ["GatewayPort"] = gatewayPort.ToString(CultureInfo.InvariantCulture),
                ["URLS"] = "http://127.0.0.1:0",
                ["Logging__LogLevel__Default"] = "Warning",
            },
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Sends a signal by its name: <c>STOP</c> freezes the process as it is, <c>CONT</c> lets it go on.</summary>
    internal static async Task SignalAsync(this Process process, string signal)
    {
        using var kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {process.Id}")]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
