namespace OrleansPatterns.ChaosTests.Locks;

/// <summary>An exclusive lock with leases and fencing tokens for one process after the other: what a real one must look like.</summary>
/// <param name="Highest">The highest token that was granted.</param>
/// <param name="Holder">The token of the grant in force.</param>
internal readonly record struct LockModel(long Highest, long? Holder)
{
    /// <summary>The lock after this, or null: a lock in this state cannot have done that.</summary>
    internal LockModel? After(string action, long token) => action switch
    {
        // Whether or not there is a holder: its lease may have run out. From now on that holder's holds are wrong.
        LockActions.Acquire => token > Highest ? new(token, token) : null,
        LockActions.Hold => Holder == token ? this : null,

        // One that comes after the lease has run out does nothing.
        LockActions.Release => Holder == token ? this with { Holder = null } : this,
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "The lock's model does not know this action."),
    };

    public override string ToString() => Holder is { } holder ? $"held with token {holder}" : $"free, after token {Highest}";
}
