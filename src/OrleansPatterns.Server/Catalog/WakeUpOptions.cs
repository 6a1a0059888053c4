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
    /// <remarks>
    /// Within that time a wake-up that fails is tried again, after <see cref="PollInterval"/> at first and then after pauses that double up to
    /// one second; a call without an answer is given up at its end. Longer: a silo that dies with rows in hand delays them for longer.
    /// </remarks>
    /// <value>Default 10 seconds. Greater than <see cref="PollInterval"/>, at most 10 minutes.</value>
    public TimeSpan DeliveryLease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many wake-ups a silo delivers at a time, those included that it is going to try again.</summary>
    /// <remarks>
    /// While so many hang or fail, the silo takes no more; others do. Larger: a grain that hangs is less likely to hold up others. Smaller: fewer
    /// grains are activated at once when many come due together.
    /// </remarks>
    /// <value>Default 1,024. 1 to 100,000.</value>
    public int MaxInFlight { get; set; } = 1024;
}
