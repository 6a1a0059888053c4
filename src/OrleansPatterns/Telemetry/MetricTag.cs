namespace OrleansPatterns.Telemetry;

/// <summary>A tag of a metric: one of a small, closed set. All are made beforehand, so that recording one allocates nothing.</summary>
internal sealed class MetricTag<T>
    where T : struct, Enum
{
    private readonly KeyValuePair<string, object?>[] _tags;

    /// <param name="key">The tag's name.</param>
    /// <param name="values">What it may be; none: all values of the enum but zero, which stands for no value.</param>
    internal MetricTag(string key, params T[] values)
    {
        var known = values is [] ? Array.FindAll(Enum.GetValues<T>(), static value => TagValue<T>.IndexOf(value) > 0) : values;
        _tags = new KeyValuePair<string, object?>[known.Max(TagValue<T>.IndexOf) + 1];
        Array.Fill(_tags, new(key, TagValue<T>.Other));
        foreach (var value in known)
        {
            _tags[TagValue<T>.IndexOf(value)] = new(key, TagValue<T>.Of(value));
        }

        Declaration = new MetricTagDeclaration(key, [.. known.Select(TagValue<T>.Of)]);
    }

    internal MetricTagDeclaration Declaration { get; }

    /// <summary>The tag for a value; for one that was not declared it is <see cref="TagValue{T}.Other"/>: telemetry throws at nobody.</summary>
    internal KeyValuePair<string, object?> this[T value] =>
        TagValue<T>.IndexOf(value) is var index && index < _tags.Length ? _tags[index] : new(Declaration.Key, TagValue<T>.Other);
}
