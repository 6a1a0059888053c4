using System.Diagnostics;

namespace OrleansPatterns.Testing.Postgres;

/// <summary>A program and its arguments.</summary>
internal sealed record Command(string Program, IReadOnlyList<string> Arguments)
{
    internal static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(directory => File.Exists(Path.Combine(directory, program)));

    /// <summary>Runs to the end and returns what was said on both outputs.</summary>
    /// <exception cref="LocalPostgresStartException">The program ended with another code than 0.</exception>
    internal async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var process = Start();
        process.StandardInput.Close();
        try
        {
            var outputs = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            var output = string.Concat(outputs);
            return process.ExitCode == 0 ? output : throw new LocalPostgresStartException(Path.GetFileName(Program), output);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    internal Process Start() => Process.Start(
        new ProcessStartInfo(Program, Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A folder that every user may enter: the server's user may not be allowed into ours.
            WorkingDirectory = Path.GetTempPath(),
        })!;
}
