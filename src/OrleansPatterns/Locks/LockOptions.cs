namespace OrleansPatterns.Locks;

/// <summary>How this process takes locks, and, in a silo, how its grains grant them.</summary>
public sealed class LockOptions
{
    /// <summary>How long a holder may be silent before its lock passes on. A live holder renews at every third of it.</summary>
    /// <remarks>
    /// Longer: a crashed holder, or a crashed silo, blocks others for longer. Shorter: more renewals and writes, and a pause or an outage of the
    /// database sooner costs the lock.
    /// </remarks>
    /// <value>Default 15 seconds. 1 second to 10 minutes.</value>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What this process calls itself, for people who look at a lock.</summary>
    /// <value>Default <c>machine name/process id</c>. 1 to 256 characters.</value>
    public string Owner { get; set; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>Silos only: whether grants wait for the database.</summary>
    /// <value>Default <see cref="LockDurability.Leased"/>.</value>
    public LockDurability Durability { get; set; } = LockDurability.Leased;

    /// <summary>
    /// Silos only, with <see cref="LockDurability.Leased"/>: how far beyond a lease the grain claims the lock, and so for how long a busy lock
    /// is granted without a write. The claim is moved up after half of it, before anybody has to wait.
    /// </summary>
    /// <remarks>
    /// Longer: fewer writes, and a lock that was in use when its silo crashed is granted to nobody new for that much longer. A write that takes
    /// longer than a quarter of it lengthens the next claim by itself.
    /// </remarks>
    /// <value>Default 5 seconds. 100 milliseconds to 30 seconds.</value>
    public TimeSpan GrantHorizon { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Silos only, with <see cref="LockDurability.Leased"/>: how many fencing tokens one write reserves.</summary>
    /// <remarks>Tokens that a crashed silo had reserved and not used are left out. Fewer: a busy lock is written more often.</remarks>
    /// <value>Default 4096. 16 to 1,000,000,000.</value>
    public int TokenBlock { get; set; } = 4096;

    /// <summary>Silos only: no lock gives out a fencing token below this one.</summary>
    /// <remarks>
    /// For the database that was restored from a backup, or fell over to a standby without the last commits: locks would go on from the tokens of then,
    /// give some out for the second time, and be refused by resources elsewhere that have seen higher ones. Set it above every token that can have been
    /// given out, for all silos, before the first of them starts; it may stay. A lock that has passed it already takes no notice.
    /// </remarks>
    /// <value>Default 1. 1 to 8,000,000,000,000: room for eight such restores a trillion apart, and below 2^43, by which rows of the catalog are ordered.</value>
    public long FirstToken { get; set; } = 1;
}
