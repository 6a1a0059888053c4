using System.Reflection;

namespace OrleansPatterns.Sagas;

/// <summary>Names a saga definition. Without it, the name is that of the class, without its namespace.</summary>
/// <remarks>
/// The name is stored with every saga and sent by clients: give one before a class is renamed, to several classes that are versions of one
/// definition, or to a client's own class that stands for a definition it does not have.
/// </remarks>
/// <param name="name">A valid <see cref="ResourceKey"/>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SagaNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = ResourceKey.Parse(name).Value;

    internal static string Of(Type saga) => saga.GetCustomAttribute<SagaNameAttribute>(inherit: false)?.Name ?? saga.Name;
}
