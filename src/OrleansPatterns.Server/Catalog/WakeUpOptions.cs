namespace OrleansPatterns.Server.Catalog;

/// <summary>How a silo delivers the catalog's wake-ups.</summary>
public sealed class WakeUpOptions
{
    /// <summary>How often each silo looks for due rows.</summary>
    /// <remarks>Shorter: timers and recovery are more punctual. Longer: fewer queries on an idle cluster.</remarks>
    /// <value>Default 250 milliseconds. At least 10 milliseconds, at most 1 minute.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How many rows a silo takes in one query.</summary>
    /// <value>Default 128. 1 to 10,000.</value>
    public int BatchSize { get; set; } = 128;

    /// <summary>How long a silo has to deliver what it took before another may take it again.</summary>
    /// <value>Default 10 seconds. Greater than <see cref="PollInterval"/>, at most 10 minutes.</value>
    public TimeSpan DeliveryLease { get; set; } = TimeSpan.FromSeconds(10);
}
