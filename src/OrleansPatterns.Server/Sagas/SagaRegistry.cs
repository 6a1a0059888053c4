namespace OrleansPatterns.Server.Sagas;

/// <summary>The saga definitions of this silo.</summary>
internal sealed class SagaRegistry
{
    private readonly Dictionary<(string Name, int Version), SagaDefinition> _definitions = [];
    private readonly Dictionary<string, SagaDefinition> _latest = new(StringComparer.Ordinal);

    public SagaRegistry(IEnumerable<SagaRegistration> registrations, IServiceProvider services)
    {
        var faults = new List<string>();
        foreach (var registration in registrations.DistinctBy(registration => registration.Saga))
        {
            Add(registration, services, faults);
        }

        faults.AddRange(_definitions.Values.SelectMany(ChildFaults));
        Faults = faults;
    }

    /// <summary>What is wrong with the definitions, all at once; the silo does not start unless this is empty.</summary>
    internal IReadOnlyList<string> Faults { get; }

    internal SagaDefinition? Find(string name, int version) => _definitions.GetValueOrDefault((name, version));

    /// <summary>What new sagas start with.</summary>
    internal SagaDefinition? FindLatest(string name) => _latest.GetValueOrDefault(name);

    /// <summary>A child that may become impossible to undo while its parent may still have to be.</summary>
    private IEnumerable<string> ChildFaults(SagaDefinition definition) => definition.Steps
        .Where(step => step.Child is not null)
        .Select(step => (step.Name, Child: step.Child!, IsUndone: step.Compensation is not null))
        .Select(step => FindLatest(step.Child) switch
        {
            null => $"Saga '{definition.Name}' version {definition.Version}, step '{step.Name}' runs saga '{step.Child}', which is not registered; "
                + "call AddSaga for it as well.",
            { PivotStage: not null } when step.IsUndone =>
                $"Saga '{definition.Name}' version {definition.Version}, step '{step.Name}' runs saga '{step.Child}', which cannot be undone once its pivot "
                + $"'{SagaRules.PivotName(FindLatest(step.Child))}' is done (a last step without a compensation is one); put the step after this saga's pivot, or say NotCompensatable.",
            _ => null,
        })
        .OfType<string>();

    private void Add(SagaRegistration registration, IServiceProvider services, List<string> faults)
    {
        SagaBlueprint blueprint;
        try
        {
            blueprint = registration.Describe(services);
        }
        catch (Exception exception)
        {
            faults.Add($"Saga class {registration.Saga} cannot be made or described: {exception.Message}");
            return;
        }

        faults.AddRange(blueprint.Faults);
        var definition = blueprint.Definition;
        if (!_definitions.TryAdd((definition.Name, definition.Version), definition))
        {
            faults.Add(
                $"Saga '{definition.Name}' version {definition.Version} is defined more than once, the last time by {registration.Saga}; "
                + "give each class a [SagaName] or a Version of its own.");
        }

        if (FindLatest(definition.Name) is not { } latest || latest.Version < definition.Version)
        {
            _latest[definition.Name] = definition;
        }
    }
}
