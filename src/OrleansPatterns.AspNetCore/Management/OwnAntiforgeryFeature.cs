using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>
/// The features of a request without what the application's own antiforgery has left in it: ASP.NET Core keeps that in one place, whoever asks, and would
/// take the application's tokens for the console's.
/// </summary>
internal sealed class OwnAntiforgeryFeature(IFeatureCollection features) : IFeatureCollection
{
    /// <summary>It is internal to ASP.NET Core.</summary>
    private const string Name = "IAntiforgeryFeature";

    private object? _own;

    public bool IsReadOnly => features.IsReadOnly;

    public int Revision => features.Revision;

    public object? this[Type key]
    {
        get => key.Name == Name ? _own : features[key];
        set
        {
            if (key.Name == Name)
            {
                _own = value;
            }
            else
            {
                features[key] = value;
            }
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => features.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
