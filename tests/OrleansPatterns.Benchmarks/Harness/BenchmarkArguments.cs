using System.Globalization;

namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>What was asked for on the command line.</summary>
internal sealed record BenchmarkArguments(string Area, TimeSpan Duration, int Rounds, string? JsonPath, string? MarkdownPath, int[] Sizes)
{
    /// <summary>Only cases whose name contains this.</summary>
    internal string Case { get; init; } = "";

    /// <summary>Only systems whose name contains this.</summary>
    internal string System { get; init; } = "";

    internal const string Usage =
        "usage: <area> [--seconds n] [--rounds n] [--sizes n,n,...] [--json file] [--markdown file]\n"
        + "  area       storage, locks, breakers, discovery, idempotency, sagas, scale, or all (each of these)\n"
        + "  --seconds  how long each system works in each round; default 3\n"
        + "  --rounds   how many rounds; default 5\n"
        + "  --case     only cases whose name contains this text, for tuning\n"
        + "  --system   only systems whose name contains this text, for tuning: without ours there are no ratios\n"
        + "  --sizes    live keys for scale; default 1000,10000,100000\n"
        + "  --json     also writes a JSON object a line\n"
        + "  --markdown also writes the tables as Markdown";

    /// <exception cref="ArgumentException">What is wrong, and the usage.</exception>
    internal static BenchmarkArguments Parse(string[] arguments)
    {
        if (arguments.Length == 0 || arguments.Length % 2 == 0)
        {
            throw Wrong("An area comes first, and each option has a value.");
        }

        var parsed = new BenchmarkArguments(arguments[0], TimeSpan.FromSeconds(3), 5, JsonPath: null, MarkdownPath: null, [1_000, 10_000, 100_000]);
        foreach (var option in arguments.Skip(1).Chunk(2))
        {
            var value = option[1];
            parsed = option[0] switch
            {
                "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.01 and <= 3600 =>
                    parsed with { Duration = TimeSpan.FromSeconds(seconds) },
                "--rounds" when int.TryParse(value, CultureInfo.InvariantCulture, out var rounds) && rounds is >= 1 and <= 1000 =>
                    parsed with { Rounds = rounds },
                "--sizes" when SizesOf(value) is { } sizes => parsed with { Sizes = sizes },
                "--case" => parsed with { Case = value },
                "--system" => parsed with { System = value },
                "--json" => parsed with { JsonPath = value },
                "--markdown" => parsed with { MarkdownPath = value },
                _ => throw Wrong($"'{option[0]} {value}' is no option with a value it can have (seconds 0.01 to 3600, rounds 1 to 1000, sizes 1 to 10000000)."),
            };
        }

        return parsed;
    }

    internal static ArgumentException Wrong(string fault) => new($"{fault}\n{Usage}");

    private static int[]? SizesOf(string value)
    {
        var sizes = value.Split(',').Select(size => int.TryParse(size, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        return Array.TrueForAll(sizes, size => size is >= 1 and <= 10_000_000) ? sizes : null;
    }
}
