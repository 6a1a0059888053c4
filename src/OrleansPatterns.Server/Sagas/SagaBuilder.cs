using System.Collections.Immutable;
using System.Text.Json;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What does not depend on the type of the data.</summary>
internal static class SagaBuilder
{
    private const int MaxAttributeLength = 200;

    internal static string CutAttribute(string text) => text.Length <= MaxAttributeLength ? text : text[..MaxAttributeLength];
}

internal sealed class SagaBuilder<TData> : ISagaBuilder<TData>
    where TData : class
{
    private const int MaxAttributes = 10;
    private const int MaxAttributeNameLength = 100;

    private readonly string _name;
    private readonly SagaSteps<TData> _steps;
    private readonly List<List<SagaElement<TData>>> _stages = [];
    private readonly List<(string Name, Func<TData, string?> Value)> _attributes = [];
    private readonly List<int> _smallGroups = [];
    private int _version = 1;
    private TimeSpan? _deadline;
    private int? _maxConcurrency;
    private Func<string, string>? _result;

    internal SagaBuilder(string name)
    {
        _name = name;
        _steps = new SagaSteps<TData>(element => _stages.Add([element]));
    }

    public ISagaBuilder<TData> Version(int version)
    {
        _version = version;
        return this;
    }

    public ISagaBuilder<TData> Parallel(Action<ISagaSteps<TData>> group)
    {
        ArgumentNullException.ThrowIfNull(group);
        var stage = new List<SagaElement<TData>>();
        group(new SagaSteps<TData>(stage.Add));
        if (stage.Count < 2)
        {
            _smallGroups.Add(stage.Count);
        }

        if (stage.Count > 0)
        {
            _stages.Add(stage);
        }

        return this;
    }

    public ISagaBuilder<TData> Deadline(TimeSpan deadline)
    {
        _deadline = deadline;
        return this;
    }

    public ISagaBuilder<TData> MaxConcurrency(int sagas)
    {
        _maxConcurrency = sagas;
        return this;
    }

    public ISagaBuilder<TData> Result<TResult>(Func<TData, TResult> result)
    {
        ArgumentNullException.ThrowIfNull(result);
        _result = json => JsonSerializer.Serialize(result(SagaJson.Deserialize<TData>(json)), JsonSerializerOptions.Default);
        return this;
    }

    public ISagaBuilder<TData> SearchAttribute(string name, Func<TData, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _attributes.Add((name ?? "", value));
        return this;
    }

    public ISagaStepBuilder<TData> Step(string name) => _steps.Step(name);

    public ISagaStepBuilder<TData> Step<TStep>(string? name = null)
        where TStep : class, ISagaStep<TData> => _steps.Step<TStep>(name);

    public ISagaSignalBuilder<TData, TSignal> WaitFor<TSignal>(string signal)
        where TSignal : class => _steps.WaitFor<TSignal>(signal);

    public ISagaDelayBuilder<TData> Delay(string name, TimeSpan delay) => _steps.Delay(name, delay);

    public ISagaDelayBuilder<TData> Delay(string name, Func<TData, TimeSpan> delay) => _steps.Delay(name, delay);

    public ISagaChildBuilder<TData, TChildData> Child<TSaga, TChildData>(string name, Func<TData, TChildData> data)
        where TSaga : Saga<TChildData>
        where TChildData : class => _steps.Child<TSaga, TChildData>(name, data);

    internal SagaBlueprint Build()
    {
        var placed = Placed();
        SagaStepDefinition[] steps = [.. placed.Select(pair => pair.Element.Build(pair.Place))];
        return new(
            new SagaDefinition
            {
                Name = _name,
                Version = _version,
                Steps = [.. steps],
                Fingerprint = SagaFingerprint.Of(steps),
                Deadline = _deadline,
                MaxConcurrency = _maxConcurrency,
                CheckData = SagaElement<TData>.Check<TData>,
                Normalize = static json => JsonSerializer.Serialize(SagaJson.Deserialize<TData>(json), JsonSerializerOptions.Default),
                Result = _result,
                Attributes = _attributes.Count == 0 ? null : AttributesOf,
            },
            [.. OwnFaults(placed), .. placed.SelectMany(pair => pair.Element.Faults(pair.Place)).Select(fault => $"{Title}, {fault}")]);
    }

    private string Title => $"Saga '{_name}' version {_version}";

    private List<(SagaElement<TData> Element, SagaPlace Place)> Placed()
    {
        var pivotStage = _stages.FindIndex(stage => stage.Exists(element => element.IsPivot));
        return
        [
            .. _stages.Index().SelectMany(stage => stage.Item.Select(element => (element, new SagaPlace(
                stage.Index,
                IsAfterPivot: pivotStage >= 0 && stage.Index > pivotStage,
                IsUndoneByOthers: pivotStage >= 0 ? stage.Index < pivotStage : stage.Index < _stages.Count - 1 || stage.Item.Count > 1)))),
        ];
    }

    private IEnumerable<string> OwnFaults(List<(SagaElement<TData> Element, SagaPlace Place)> placed)
    {
        if (_version < 1)
        {
            yield return $"Saga '{_name}' has version {_version}; it must be at least 1.";
        }

        if (placed.Count == 0)
        {
            yield return $"{Title} has no steps; it must have at least one.";
        }

        foreach (var count in _smallGroups)
        {
            yield return $"{Title} has a parallel group with {count} steps; it must have at least two.";
        }

        foreach (var same in placed.GroupBy(pair => pair.Element.Name, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return $"{Title} has {same.Count()} steps named '{same.Key}'; names must be unique.";
        }

        var pivots = placed.Where(pair => pair.Element.IsPivot).Select(pair => pair.Element).ToList();
        if (pivots.Count > 1)
        {
            yield return $"{Title} has {pivots.Count} pivots, {string.Join(", ", pivots.Select(pivot => $"'{pivot.Name}'"))}; it must have at most one.";
        }

        foreach (var pivot in pivots.Where(pivot => _stages.Exists(stage => stage.Count > 1 && stage.Contains(pivot))))
        {
            yield return $"{Title}, step '{pivot.Name}' is the pivot and in a parallel group; it must stand by itself.";
        }

        if (_deadline is { } deadline && (deadline <= TimeSpan.Zero || deadline > SagaAdvance.MaxDelay))
        {
            yield return $"{Title}: Deadline is {deadline}; it must be greater than zero and at most {SagaAdvance.MaxDelay}.";
        }

        if (_maxConcurrency < 1)
        {
            yield return $"{Title}: MaxConcurrency is {_maxConcurrency}; it must be at least 1.";
        }

        if (_attributes.Count > MaxAttributes || _attributes.DistinctBy(attribute => attribute.Name).Count() < _attributes.Count
            || _attributes.Exists(attribute => attribute.Name.Length is 0 or > MaxAttributeNameLength))
        {
            yield return $"{Title} has the search attributes [{string.Join(", ", _attributes.Select(attribute => attribute.Name))}]; "
                + $"it may have {MaxAttributes}, with different names of 1 to {MaxAttributeNameLength} characters.";
        }
    }

    private ImmutableSortedDictionary<string, string> AttributesOf(string json)
    {
        var data = SagaJson.Deserialize<TData>(json);
        var attributes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in _attributes)
        {
            if (value(data) is { } text)
            {
                attributes[name] = SagaBuilder.CutAttribute(text);
            }
        }

        return attributes.ToImmutable();
    }
}
