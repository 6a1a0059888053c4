namespace OrleansPatterns.Server.Discovery;

/// <summary>How long a list may become. Not for users: the bound follows from what a write and a push cost.</summary>
internal sealed class ServiceListOptions
{
    /// <summary>With more instances than this at home in its first list, a service gets twice as many lists.</summary>
    public int MaxInstances { get; set; } = 500;
}
