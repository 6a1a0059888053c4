using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>One saga under <see cref="SagaRules"/>, steered by words as a table has them, and shown as a table shows it.</summary>
/// <remarks>
/// <para>
/// Answers to the open attempt of a step: <c>+a</c> succeeded, <c>-a</c> rejected, <c>!a</c> failed, <c>*a</c> failed for good, <c>~a</c>
/// interrupted, <c>?a</c> unreadable. Child sagas: <c>kid=Completed</c>. Signals: <c>go!</c>, with an id <c>go!1</c>.
/// </para>
/// <para>
/// <c>x</c> all attempts are lost and the saga is resumed, <c>xa</c> only that of step a, <c>r</c> resumed with all alive, <c>t5</c> the same five
/// seconds later, <c>full</c> and <c>room</c> whether actions may begin. <c>cancel</c>, <c>undo</c>, <c>missing</c> (the definition), <c>retry</c>,
/// <c>skip:a</c>, <c>compensate</c>, <c>giveup</c>.
/// </para>
/// </remarks>
internal sealed class SagaTable
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly SagaRetry Two = new() { MaxAttempts = 2 };
    public static readonly SagaParent Parent = new() { SagaId = "parent", StepName = "kid" };

    private readonly SagaDefinition _definition;
    private bool _mayRun = true;

    private SagaTable(SagaDefinition definition) => _definition = definition;

    public SagaRecord Record { get; private set; } = new();

    public SagaDecision Last { get; private set; }

    public DateTimeOffset Now { get; private set; } = Start;

    /// <summary>What the latest command answered beside its decision: an outcome, a refusal.</summary>
    public string Reply { get; private set; } = "";

    public int MaxHistory { get; set; } = 1000;

    public int MaxDataBytes { get; set; } = 1000;

    public double Jitter { get; set; }

    public SagaMoment Moment => new(Now, "silo", Jitter, _mayRun, MaxHistory, MaxDataBytes);

    public DateTimeOffset? NextDue => SagaRules.NextDue(_definition, Record);

    /// <summary>The attempts that the latest command has begun: <c>a#1</c>, <c>a~1</c> for a compensation.</summary>
    public string Begun => string.Join(' ', Last.Runs.Select(move =>
        $"{Record.Steps[move.Step].Name}{(move.Direction == SagaDirection.Action ? '#' : '~')}{move.Attempt}"));

    public static SagaTable Of(Action<ISagaBuilder<OrderData>> define, string commands = "", bool mayRun = true)
    {
        var blueprint = SagaDefinitionTests.Describe(define);
        Assert.Empty(blueprint.Faults);
        return Of(blueprint.Definition, commands, mayRun);
    }

    public static SagaTable Of(SagaDefinition definition, string commands = "", bool mayRun = true)
    {
        var table = new SagaTable(definition) { _mayRun = mayRun };
        var start = new SagaStart { Definition = definition.Name, DataJson = """{"Order":"","Trail":[]}""", Parent = Parent };
        table.Take(SagaRules.Start(definition, new SagaRecord(), start, table.Moment));
        return table.Play(commands);
    }

    public static Task Nothing(SagaStepContext<OrderData> context, CancellationToken cancellationToken) => Task.CompletedTask;

    public SagaTable Play(string commands)
    {
        foreach (var command in commands.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Do(command);
        }

        return this;
    }

    public void Take(SagaDecision decision, string? reply = null)
    {
        var isChanged = !ReferenceEquals(decision.Record, Record);
        Assert.Equal(Record.Revision + (isChanged ? 1 : 0), decision.Record.Revision);
        Assert.True(decision.Record.History.Length <= MaxHistory);
        Assert.True(isChanged || decision.Runs.IsEmpty, "Attempts are begun without a record that says so.");
        (Record, Last, Reply) = (decision.Record, decision, reply ?? "");
    }

    /// <summary>The answer to the open attempt of a step.</summary>
    public SagaAttemptReport Answer(string name, SagaAttemptOutcome outcome)
    {
        var index = IndexOf(name);
        var step = Record.Steps[index];
        Assert.True(step.IsOpen, $"{name} has no attempt under way: {this}");
        var isAction = step.Action.IsOpen;
        return new()
        {
            Step = index,
            Direction = isAction ? SagaDirection.Action : SagaDirection.Compensation,
            Attempt = (isAction ? step.Action : step.Compensation).Begun,
            Outcome = outcome,
            Error = outcome == SagaAttemptOutcome.Succeeded ? null : outcome.ToString(),
        };
    }

    public int IndexOf(string name) => Record.Steps.Select(step => step.Name).ToList().IndexOf(name);

    /// <summary>
    /// <c>Running/a=Succeeded 1/b=Running (2) @0.2</c>: phase, then each step that is not pending with its attempts, in brackets if none is under
    /// way, those of its compensation, and in how many seconds it is due.
    /// </summary>
    public override string ToString() => string.Join('/', Record.Steps
        .Where(step => step.State != SagaStepState.Pending)
        .Select(step => string.Concat(
            $"{step.Name}={step.State}",
            Show(step.Action),
            Show(step.Compensation),
            step.DueAt is { } due ? $" @{(due - Now).TotalSeconds}" : "",
            step.IsOutcomeUnknown ? "?" : ""))
        .Prepend($"{Record.Phase}{(Record.Phase == SagaPhase.Running && Record.CompensationReason is not null ? " turning" : "")}"));

    private static string Show(SagaTally tally) => tally.Begun == 0 ? "" : tally.IsOpen ? $" {tally.Begun}" : $" ({tally.Begun})";

    private void Do(string command)
    {
        switch (command)
        {
            case "full" or "room":
                _mayRun = command == "room";
                break;
            case "r":
                Resume(static _ => true);
                break;
            case "x":
                Resume(static _ => false);
                break;
            case "cancel":
                var (cancelled, cancelOutcome) = SagaRules.Cancel(_definition, Record, Moment);
                Take(cancelled, cancelOutcome.ToString());
                break;
            case "undo":
                var (undone, answer) = SagaRules.Undo(_definition, Record, Parent, _definition.Name, Moment);
                Take(undone, answer.Refusal);
                break;
            case "missing":
                Take(SagaRules.AwaitDefinition(Record, "It is missing.", Moment));
                break;
            case "retry":
                Intervene(SagaInterventionKind.Retry);
                break;
            case "compensate":
                Intervene(SagaInterventionKind.Compensate);
                break;
            case "giveup":
                Intervene(SagaInterventionKind.GiveUp);
                break;
            case ['s', 'k', 'i', 'p', ':', .. var name]:
                Intervene(SagaInterventionKind.Skip, name);
                break;
            case ['t', >= '0' and <= '9', ..]:
                Now += TimeSpan.FromSeconds(double.Parse(command[1..], null));
                Resume(static _ => true);
                break;
            case [('+' or '-' or '!' or '*' or '~' or '?') and var sign, .. var name]:
                Take(SagaRules.Complete(_definition, Record, Answer(name, OutcomeOf(sign)), Moment));
                break;
            case var _ when command.Split('=') is [var name, var end]:
                Take(SagaRules.ChildEnded(_definition, Record, name, Enum.Parse<SagaPhase>(end), """{"Order":"of the child"}""", "why", Moment));
                break;
            case var _ when command.Split('!') is [var name, var id]:
                Signal(name, id);
                break;
            case ['x', .. var name]:
                var lost = IndexOf(name);
                Resume(step => step != lost);
                break;
            default:
                throw new ArgumentException($"No command '{command}'.");
        }
    }

    private static SagaAttemptOutcome OutcomeOf(char sign) => sign switch
    {
        '+' => SagaAttemptOutcome.Succeeded,
        '-' => SagaAttemptOutcome.Rejected,
        '!' => SagaAttemptOutcome.Failed,
        '*' => SagaAttemptOutcome.FailedForGood,
        '~' => SagaAttemptOutcome.Interrupted,
        _ => SagaAttemptOutcome.Unreadable,
    };

    private void Resume(Func<int, bool> isAlive) => Take(SagaRules.Resume(_definition, Record, (step, _) => isAlive(step), Moment));

    private void Intervene(SagaInterventionKind kind, string? step = null)
    {
        var wish = new SagaIntervention { Kind = kind, By = "me", Reason = "so", Step = step };
        var (decision, fault) = SagaRules.Intervene(_definition, Record, wish, (_, _) => true, Moment);
        Assert.True(fault is null || ReferenceEquals(decision.Record, Record), "It was refused and changes something.");
        Take(decision, fault);
    }

    public void Signal(string name, string id, string payload = """{"Order":"of the signal"}""", int maxBytes = 100)
    {
        var signalId = id.Length == 0 ? Guid.NewGuid() : new Guid(int.Parse(id, null), 0, 0, new byte[8]);
        var signal = new SagaSignal { SignalId = signalId, Name = name, PayloadJson = payload };
        var (decision, outcome, fault) = SagaRules.Signal(_definition, Record, signal, maxBytes, Moment);
        Take(decision, $"{outcome} {fault}".Trim());
    }
}
