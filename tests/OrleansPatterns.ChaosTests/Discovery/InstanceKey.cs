namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>Names an instance in a history.</summary>
/// <param name="Service">Without a slash.</param>
/// <param name="Id">The instance's id.</param>
internal readonly record struct InstanceKey(string Service, string Id)
{
    internal static InstanceKey Parse(string key)
    {
        var end = key.IndexOf('/', StringComparison.Ordinal);
        return new InstanceKey(key[..end], key[(end + 1)..]);
    }

    public override string ToString() => $"{Service}/{Id}";
}
