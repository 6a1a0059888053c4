using System.Text.Json;

namespace OrleansPatterns.Idempotency;

/// <summary>How idempotent operations run. Each execution takes these values with it into the cluster.</summary>
/// <remarks>
/// What is configured holds for every call that is not given options of its own. Options for one kind of operation are made once, from those:
/// <c>new IdempotencyOptions(configured.Value) { OnAbandoned = OnAbandoned.Park }</c>.
/// </remarks>
public sealed class IdempotencyOptions
{
    /// <summary>The defaults.</summary>
    public IdempotencyOptions()
    {
    }

    /// <summary>The same values as another's.</summary>
    /// <param name="other">The options to copy.</param>
    public IdempotencyOptions(IdempotencyOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Lease = other.Lease;
        Retention = other.Retention;
        InboxRetention = other.InboxRetention;
        WaitForResult = other.WaitForResult;
        MaxResultBytes = other.MaxResultBytes;
        OnAbandoned = other.OnAbandoned;
        OnFailure = other.OnFailure;
        SerializerOptions = other.SerializerOptions;
    }

    /// <summary>How long an executor may stay silent before another caller may take over. Renewed at a third while the work runs.</summary>
    /// <remarks>Longer: slower recovery after a crash. Shorter: more renewals, each one a write, and long pauses count as death.</remarks>
    /// <value>Default 30 seconds. At least 1 second, at most 10 minutes.</value>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a result is remembered. Afterwards the key counts as never used, and the work would run again.</summary>
    /// <remarks>
    /// Counted by the wall clock of the silos, so it is exact to their clock error. An execution whose executor was lost, and that nobody
    /// repeated, is forgotten after the same time, counted from its beginning; a parked one never.
    /// </remarks>
    /// <value>Default 24 hours. At least <see cref="Lease"/>, at most 366 days.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromHours(24);

    /// <summary><see cref="Retention"/> of messages: longer than a message can stay in its queue, dead letters that are sent again included.</summary>
    /// <value>Default 7 days. At least <see cref="Lease"/>, at most 366 days.</value>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a duplicate waits for the result of the running execution before it is refused as in progress.</summary>
    /// <remarks>It learns of the result in the moment in which that is written. Messages never wait.</remarks>
    /// <value>Default 10 seconds. Zero (refuse at once) to 10 minutes.</value>
    public TimeSpan WaitForResult { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest serialized result that is stored, in bytes.</summary>
    /// <remarks>
    /// The work has taken effect when its result turns out to be larger, so <see cref="IIdempotencyStore.ExecuteAsync"/> completes the key
    /// <em>without</em> the result: the work does not run again, and its caller and every later one get
    /// <see cref="IdempotencyResultTooLargeException"/>.
    /// </remarks>
    /// <value>Default 1,048,576 (1 MiB). 1 to 8,388,608 (8 MiB).</value>
    public int MaxResultBytes { get; set; } = 1024 * 1024;

    /// <summary>What becomes of a key whose executor was lost.</summary>
    /// <value>Default <see cref="OnAbandoned.Retry"/>: the work is run at least once.</value>
    public OnAbandoned OnAbandoned { get; set; } = OnAbandoned.Retry;

    /// <summary>What becomes of a key whose work threw an exception. Asked once for each, cancellation included.</summary>
    /// <remarks>Should it throw itself, the key is freed and its exception goes to the caller.</remarks>
    /// <value>Default: always <see cref="Idempotency.OnFailure.Forget"/>.</value>
    public Func<Exception, OnFailure> OnFailure { get; set; } = static _ => Idempotency.OnFailure.Forget;

    /// <summary>How results become JSON and back.</summary>
    /// <value>Default <see langword="null"/>: the defaults of System.Text.Json.</value>
    public JsonSerializerOptions? SerializerOptions { get; set; }
}
