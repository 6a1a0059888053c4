namespace OrleansPatterns.Locks;

/// <summary>How this process takes locks.</summary>
public sealed class LockOptions
{
    /// <summary>How long a holder may be silent before its lock passes on. A live holder renews at every third of it.</summary>
    /// <remarks>
    /// Longer: a crashed holder blocks others for longer. Shorter: more writes, and a pause or an outage of the database sooner costs the lock.
    /// </remarks>
    /// <value>Default 15 seconds. 1 second to 10 minutes.</value>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What this process calls itself, for people who look at a lock.</summary>
    /// <value>Default <c>machine name/process id</c>. 1 to 256 characters.</value>
    public string Owner { get; set; } = $"{Environment.MachineName}/{Environment.ProcessId}";
}
