using System.Text.Json;
using OrleansPatterns.DeliveryTests.Sources;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>One line of a Dockerfile, with those that continue it.</summary>
internal sealed record Instruction(string Name, string Arguments);

/// <summary>What can be read of an image without a container engine.</summary>
/// <param name="Environment">By <c>ENV</c>, those of the stages below included.</param>
/// <param name="User">The last <c>USER</c>.</param>
/// <param name="EntryPoint">The program and its arguments.</param>
/// <param name="HealthCheck">What <c>HEALTHCHECK</c> runs.</param>
/// <param name="HealthCheckInterval">How often, until it says for the first time that all is well.</param>
internal sealed record Image(
    IReadOnlyDictionary<string, string> Environment, string User, string[] EntryPoint, string[] HealthCheck, TimeSpan HealthCheckInterval);

/// <summary>The Dockerfile of the repository.</summary>
internal sealed class Dockerfile
{
    private const string StartInterval = "--start-interval=";

    private readonly List<(string Name, string Base, List<Instruction> Instructions)> _stages = [];

    private Dockerfile(IReadOnlyList<Instruction> instructions)
    {
        Instructions = instructions;
        foreach (var instruction in instructions)
        {
            if (instruction.Name == "FROM")
            {
                var words = instruction.Arguments.Split(' ');
                _stages.Add((words is [_, "AS", var name] ? name : "", words[0], []));
            }
            else if (_stages.Count > 0)
            {
                _stages[^1].Instructions.Add(instruction);
            }
        }
    }

    internal static Dockerfile OfRepository { get; } = Parse(SourceTree.Read("Dockerfile"));

    internal IReadOnlyList<Instruction> Instructions { get; }

    /// <summary>What is built if nobody says what.</summary>
    internal string DefaultTarget => _stages[^1].Name;

    /// <summary>The instructions of a stage, after those of the stages that it is based on.</summary>
    internal IReadOnlyList<Instruction> Of(string target)
    {
        var stage = _stages.Single(stage => stage.Name == target);
        return _stages.Exists(below => below.Name == stage.Base) ? [.. Of(stage.Base), .. stage.Instructions] : stage.Instructions;
    }

    /// <summary>The name of the image that a stage is based on in the end.</summary>
    internal string BaseOf(string target)
    {
        var stage = _stages.Single(stage => stage.Name == target);
        return _stages.Exists(below => below.Name == stage.Base) ? BaseOf(stage.Base) : stage.Base;
    }

    internal Image ImageOf(string target)
    {
        var instructions = Of(target);
        var check = instructions.Last(one => one.Name == "HEALTHCHECK").Arguments;
        return new Image(
            instructions.Where(one => one.Name == "ENV")
                .SelectMany(one => one.Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(pair => pair.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair[1]),
            instructions.Last(one => one.Name == "USER").Arguments,
            Words(instructions.Last(one => one.Name == "ENTRYPOINT").Arguments),
            Words(check[(check.IndexOf("CMD ", StringComparison.Ordinal) + 4)..]),
            ComposeFile.Duration(check.Split(' ').Single(word => word.StartsWith(StartInterval, StringComparison.Ordinal))[StartInterval.Length..]));
    }

    private static Dockerfile Parse(string text)
    {
        var lines = text.Split('\n').Where(line => line.Trim() is { Length: > 0 } content && content[0] != '#');
        var whole = string.Join('\n', lines).Replace("\\\n", " ", StringComparison.Ordinal);
        return new Dockerfile([.. whole.Split('\n').Select(line => line.Split(' ', 2)).Select(line => new Instruction(line[0], line[1].Trim()))]);
    }

    /// <summary>Only the form without a shell, as there is none.</summary>
    private static string[] Words(string json) => JsonSerializer.Deserialize<string[]>(json) ?? [];
}
