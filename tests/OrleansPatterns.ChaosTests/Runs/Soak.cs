using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Nemesis;

namespace OrleansPatterns.ChaosTests.Runs;

/// <summary>A long run from the command line.</summary>
internal static class Soak
{
    private const string Usage = "--minutes <0.5 to 1440> [--seed <number>] [--faults <kind>,<kind>...]";

    internal static async Task<int> RunAsync(string[] args)
    {
        double? minutes = null;
        var seed = 1;
        List<FaultKind>? kinds = null;
        for (var index = 0; index < args.Length; index += 2)
        {
            var value = args.ElementAtOrDefault(index + 1);
            switch (args[index])
            {
                case "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out var given) && given is >= 0.5 and <= 1440:
                    minutes = given;
                    break;
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out var given):
                    seed = given;
                    break;
                case "--faults" when TryParse(value, out kinds):
                    break;
                default:
                    await Console.Error.WriteLineAsync($"'{args[index]} {value}' is not understood. Options: {Usage}");
                    return 2;
            }
        }

        if (minutes is null)
        {
            await Console.Error.WriteLineAsync($"--minutes is missing. Options: {Usage}");
            return 2;
        }

        var run = new ChaosRun(seed, new SkewedTime(TimeSpan.Zero));
        Console.WriteLine($"Histories and logs: {run.Folder}");
        var report = await run.RunAsync(TimeSpan.FromMinutes(minutes.Value), kinds);
        Console.WriteLine(report);
        return report.Violations.Count == 0 ? 0 : 1;
    }

    private static bool TryParse(string? names, [NotNullWhen(true)] out List<FaultKind>? kinds)
    {
        kinds = [];
        foreach (var name in (names ?? "").Split(','))
        {
            if (!Enum.TryParse<FaultKind>(name, out var kind) || kind == FaultKind.None || !Enum.IsDefined(kind))
            {
                return false;
            }

            kinds.Add(kind);
        }

        return true;
    }
}
