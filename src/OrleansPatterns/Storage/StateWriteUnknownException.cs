namespace OrleansPatterns.Storage;

/// <summary>The answer to a write was lost: it may or may not be stored. Reading tells.</summary>
/// <remarks>
/// It was written once or not at all, never twice. Inside a grain, let this escape or deactivate: the next activation reads what is stored.
/// The counterpart for "certainly not" is <see cref="StateNotWrittenException"/>.
/// </remarks>
[GenerateSerializer, Alias("OrleansPatterns.StateWriteUnknownException")]
public sealed class StateWriteUnknownException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="subject">What was to be written, for instance <c>state 'lock' of lock/sku-42</c>.</param>
    /// <param name="innerException">The fault that swallowed the answer, if it is known.</param>
    public StateWriteUnknownException(string subject, Exception? innerException = null)
        : base(
            $"It is unknown whether this was written: {subject}. The connection to PostgreSQL broke before the answer came. Read it to find out; "
            + "do not assume either.",
            innerException) => Subject = subject;

    /// <summary>What was to be written.</summary>
    [Id(0)]
    public string Subject { get; }
}
