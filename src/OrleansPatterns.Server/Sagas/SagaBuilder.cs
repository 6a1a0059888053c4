using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

internal sealed class SagaBuilder<TData>(string name) : ISagaBuilder<TData>
    where TData : class
{
    private readonly List<SagaStepBuilder<TData>> _steps = [];
    private int _version = 1;

    public ISagaBuilder<TData> Version(int version)
    {
        _version = version;
        return this;
    }

    public ISagaStepBuilder<TData> Step(string name) => Add(new SagaStepBuilder<TData>(name));

    public ISagaStepBuilder<TData> Step<TStep>(string? name = null)
        where TStep : class, ISagaStep<TData> => Add(SagaStepBuilder<TData>.ForClass<TStep>(name ?? typeof(TStep).Name));

    internal SagaBlueprint Build()
    {
        var faults = new List<string>();
        if (_version < 1)
        {
            faults.Add($"Saga '{name}' has version {_version}; it must be at least 1.");
        }

        if (_steps.Count == 0)
        {
            faults.Add($"Saga '{name}' version {_version} has no steps; it must have at least one.");
        }

        faults.AddRange(_steps
            .GroupBy(step => step.Name, StringComparer.Ordinal)
            .Where(same => same.Count() > 1)
            .Select(same => $"Saga '{name}' version {_version} has {same.Count()} steps named '{same.Key}'; names must be unique."));
        faults.AddRange(_steps.SelectMany(step => step.Faults()).Select(fault => $"Saga '{name}' version {_version}, {fault}"));
        return new(
            new SagaDefinition { Name = name, Version = _version, Steps = [.. _steps.Select(step => step.Build())] },
            faults);
    }

    private SagaStepBuilder<TData> Add(SagaStepBuilder<TData> step)
    {
        _steps.Add(step);
        return step;
    }
}
