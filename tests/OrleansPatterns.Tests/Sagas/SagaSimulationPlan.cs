using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>A random definition, such as the builder would let through, and what its steps do to the data.</summary>
/// <remarks>The data is an object with a number for each step: how often it was done, and under <c>-name</c> undone.</remarks>
internal static class SagaSimulationPlan
{
    public static SagaDefinition Draw(Random random)
    {
        var stages = random.Next(1, 5);
        var pivotStage = random.Next(5) < 2 ? random.Next(stages) : -1;
        var steps = ImmutableArray.CreateBuilder<SagaStepDefinition>();
        for (var stage = 0; stage < stages; stage++)
        {
            var count = stage == pivotStage || random.Next(3) > 0 ? 1 : random.Next(2, 4);
            for (; count > 0; count--)
            {
                steps.Add(Step(random, $"s{steps.Count}", stage, stage == pivotStage, pivotStage >= 0 && stage > pivotStage));
            }
        }

        return new()
        {
            Name = "test",
            Version = 1,
            Steps = steps.ToImmutable(),
            Fingerprint = SagaFingerprint.Of(steps),
            Deadline = random.Next(6) == 0 ? TimeSpan.FromSeconds(random.Next(1, 40)) : null,
            MaxConcurrency = random.Next(3) == 0 ? 1 : null,
        };
    }

    /// <summary>The data with one more of something.</summary>
    public static string Count(string json, string name)
    {
        var data = JsonNode.Parse(json)!.AsObject();
        data[name] = CountOf(data, name) + 1;
        return data.ToJsonString();
    }

    public static int CountOf(string json, string name) => CountOf(JsonNode.Parse(json)!.AsObject(), name);

    private static int CountOf(JsonObject data, string name) => data[name] is { } count ? int.Parse(count.ToString(), CultureInfo.InvariantCulture) : 0;

    private static SagaStepDefinition Step(Random random, string name, int stage, bool isPivot, bool isAfterPivot)
    {
        var kind = isPivot ? SagaStepKind.Action : random.Next(10) switch
        {
            0 => SagaStepKind.Signal,
            1 => SagaStepKind.Delay,
            2 => SagaStepKind.Child,
            _ => SagaStepKind.Action,
        };
        var isUndone = kind is SagaStepKind.Action or SagaStepKind.Child && !isAfterPivot && random.Next(isPivot ? 2 : 5) > 0;
        var holds = random.Next(3) > 0;
        return new()
        {
            Name = name,
            Kind = kind,
            Stage = stage,
            IsPivot = isPivot,
            Action = kind is SagaStepKind.Action or SagaStepKind.Child ? NeverRun : null,
            Compensation = isUndone ? NeverRun : null,
            Retry = Retry(random, isAfterPivot && random.Next(2) == 0),
            CompensationRetry = Retry(random, isUnlimited: false),
            Condition = random.Next(7) == 0 ? _ => holds : null,
            Delay = kind == SagaStepKind.Delay ? _ => TimeSpan.FromSeconds(holds ? 20 : 0.5) : null,
            Deadline = kind == SagaStepKind.Signal && random.Next(2) == 0 ? TimeSpan.FromSeconds(random.Next(1, 30)) : null,
            Otherwise = isAfterPivot || random.Next(2) == 0 ? SagaDeadlineAction.Continue : SagaDeadlineAction.Compensate,
            Apply = kind is SagaStepKind.Signal or SagaStepKind.Child ? (data, _) => Count(data, name) : null,
            Child = kind == SagaStepKind.Child ? "child" : null,
        };
    }

    private static SagaRetry Retry(Random random, bool isUnlimited) => new()
    {
        MaxAttempts = isUnlimited ? SagaRetry.Unlimited : random.Next(1, 4),
        Delay = TimeSpan.FromSeconds(random.Next(3) * 0.2),
    };

    private static Task<string> NeverRun(SagaStepCall call, CancellationToken cancellationToken) => throw new NotSupportedException();
}
