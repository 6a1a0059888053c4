namespace OrleansPatterns.Storage;

/// <summary>A state or catalog row was <em>not</em> written, and never will be by this call: what was stored before is still stored.</summary>
/// <remarks>The counterpart for "nobody knows" is <see cref="StateWriteUnknownException"/>.</remarks>
[GenerateSerializer, Alias("OrleansPatterns.StateNotWrittenException")]
public sealed class StateNotWrittenException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="subject">What was to be written, for instance <c>state 'lock' of lock/sku-42</c>.</param>
    /// <param name="reason">Why it was not, and what to do: one or more sentences.</param>
    /// <param name="isTransient">Whether the same write may succeed later.</param>
    /// <param name="innerException">The fault behind it, if there is one.</param>
    public StateNotWrittenException(string subject, string reason, bool isTransient, Exception? innerException = null)
        : base($"Not written: {subject}. {reason}", innerException)
    {
        Subject = subject;
        IsTransient = isTransient;
    }

    /// <summary>What was to be written.</summary>
    [Id(0)]
    public string Subject { get; }

    /// <summary>Whether the same write may succeed later: a full queue or a database that was away, rather than a payload that is refused.</summary>
    [Id(1)]
    public bool IsTransient { get; }
}
