using System.Diagnostics;

namespace OrleansPatterns.DeliveryTests.Sources;

/// <summary>A program of the developer's machine, such as <c>git</c> or <c>dotnet</c>, with its arguments, in a folder.</summary>
internal sealed class Tool(string folder, string program, params IEnumerable<string> arguments)
{
    /// <summary>Runs it to its end and returns what it said.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0; has all that it said.</exception>
    internal async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Of the "dotnet test" that this may run under: they would lead a build astray. Nodes that outlive a build would keep its output open.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var outputs = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? outputs[0]
                : throw new InvalidOperationException($"'{program} {string.Join(' ', start.ArgumentList)}' ended with {process.ExitCode}: {string.Concat(outputs)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
