using System.Text.Json;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What the builders of all kinds of steps have in common.</summary>
internal abstract class SagaElement<TData>(string name)
    where TData : class
{
    private const int MaxNameLength = 100;

    internal string Name => name ?? "";

    internal virtual bool IsPivot => false;

    protected Func<string, bool>? Condition { get; private set; }

    /// <summary>What is wrong with it where it stands.</summary>
    internal IEnumerable<string> Faults(SagaPlace place)
    {
        if (Name.Length is 0 or > MaxNameLength || Name.Any(character => character is '/' or ':' || char.IsControl(character)))
        {
            yield return $"step '{Name}': a name is 1 to {MaxNameLength} characters without '/', ':' and control characters.";
        }

        foreach (var fault in OwnFaults(place))
        {
            yield return fault;
        }
    }

    internal abstract SagaStepDefinition Build(SagaPlace place);

    protected abstract IEnumerable<string> OwnFaults(SagaPlace place);

    protected void SetCondition(Func<TData, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Condition = json => condition(SagaJson.Deserialize<TData>(json));
    }

    protected static Func<string, string, string> Applying<TOther>(Action<TData, TOther> apply)
        where TOther : class
    {
        ArgumentNullException.ThrowIfNull(apply);
        return (dataJson, otherJson) =>
        {
            var data = SagaJson.Deserialize<TData>(dataJson);
            apply(data, SagaJson.Deserialize<TOther>(otherJson));
            return JsonSerializer.Serialize(data, JsonSerializerOptions.Default);
        };
    }

    /// <summary>What is wrong with JSON that is to be a value of a type; null: nothing.</summary>
    protected internal static string? Check<T>(string json)
        where T : class
    {
        try
        {
            _ = SagaJson.Deserialize<T>(json);
            return null;
        }
        catch (Exception exception)
        {
            // Also what the type's own constructor has against it.
            return $"It is not a {typeof(T).Name}: {exception.Message}";
        }
    }
}
