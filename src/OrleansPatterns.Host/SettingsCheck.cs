using System.ComponentModel;
using System.Reflection;

namespace OrleansPatterns.StandaloneSilo;

/// <summary>Whether settings exist and can be read. The binder itself passes over what it does not know: a typing error would mean the default.</summary>
internal static class SettingsCheck
{
    /// <summary>What can be set by a text: no functions, no services.</summary>
    internal static IEnumerable<PropertyInfo> PropertiesOf(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => IsList(property) || (property.SetMethod is { IsPublic: true } && IsSingle(property.PropertyType)));

    internal static IEnumerable<string> Complaints(string path, IEnumerable<IConfigurationSection> settings, IReadOnlyList<PropertyInfo> known)
    {
        foreach (var setting in settings)
        {
            if (known.FirstOrDefault(property => property.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase)) is not { } property)
            {
                yield return $"{setting.Path} is not a setting ({VariableOf(setting.Path)} as an environment variable). "
                    + $"Those of {path} are {string.Join(", ", known.Select(one => one.Name))}.";
            }
            else if (IsList(property))
            {
                if (!string.IsNullOrEmpty(setting.Value))
                {
                    yield return $"{setting.Path} is '{setting.Value}'; it must be a list: {VariableOf(setting.Path)}__0, {VariableOf(setting.Path)}__1 and so on.";
                }
            }
            else if (setting.GetChildren().FirstOrDefault() is { } child)
            {
                yield return $"{child.Path} is not a setting: {setting.Path} is {Expectation(property.PropertyType)}.";
            }
            else if (Complaint(setting.Path, setting.Value, property) is { } complaint)
            {
                yield return complaint;
            }
        }
    }

    /// <returns><see langword="null"/>: it can be read.</returns>
    internal static string? Complaint(string path, string? value, PropertyInfo property) =>
        IsReadable(property.PropertyType, value) ? null : $"{path} is '{value}'; it must be {Expectation(property.PropertyType)}.";

    private static string VariableOf(string path) => path.Replace(":", "__", StringComparison.Ordinal);

    private static bool IsList(PropertyInfo property) => property.PropertyType == typeof(IList<string>);

    private static bool IsSingle(Type type)
    {
        var single = Nullable.GetUnderlyingType(type) ?? type;
        return single.IsEnum || single == typeof(string) || single == typeof(bool) || single == typeof(TimeSpan)
            || single == typeof(int) || single == typeof(long) || single == typeof(double);
    }

    private static bool IsReadable(Type type, string? value)
    {
        if (type == typeof(string))
        {
            return true;
        }

        var single = Nullable.GetUnderlyingType(type);
        if (string.IsNullOrEmpty(value))
        {
            return single is not null;
        }

        single ??= type;
        if (single.IsEnum)
        {
            return Enum.TryParse(single, value, ignoreCase: true, out _);
        }

        // A number alone would be days, which nobody means who writes 15.
        return (single != typeof(TimeSpan) || value.Contains(':', StringComparison.Ordinal)) && TypeDescriptor.GetConverter(single).IsValid(value);
    }

    private static string Expectation(Type type)
    {
        var single = Nullable.GetUnderlyingType(type);
        var expected = (single ?? type) switch
        {
            var one when one.IsEnum => string.Join(" or ", Enum.GetNames(one).Where(name => name != "None")),
            var one when one == typeof(TimeSpan) => "a time such as 00:00:15",
            var one when one == typeof(bool) => "true or false",
            var one when one == typeof(int) || one == typeof(long) => "a whole number",
            var one when one == typeof(double) => "a number such as 0.5",
            _ => "a text",
        };
        return single is null ? expected : expected + ", or empty";
    }
}
