namespace OrleansPatterns.Idempotency;

/// <summary>How work failed, as it is remembered: no stack trace, no objects, nothing that another process could not read.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.IdempotencyFailure")]
public sealed record IdempotencyFailure
{
    /// <summary>The longest <see cref="Type"/>, in UTF-16 code units.</summary>
    public const int MaxTypeLength = 512;

    /// <summary>The longest <see cref="Message"/>, in UTF-16 code units.</summary>
    public const int MaxMessageLength = 4096;

    /// <summary>What kind of failure it is: the exception's full type name, or a name of the application's own. 1 to 512 characters.</summary>
    [Id(0)]
    public required string Type { get; init; }

    /// <summary>What happened, for people. At most 4,096 characters.</summary>
    [Id(1)]
    public required string Message { get; init; }

    /// <summary>The failure that an exception stands for: its type's full name and its message, both cut at their limits.</summary>
    /// <param name="exception">The exception.</param>
    public static IdempotencyFailure Of(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var type = exception.GetType();
        return new IdempotencyFailure { Type = Cut(type.FullName ?? type.Name, MaxTypeLength), Message = Cut(exception.Message ?? "", MaxMessageLength) };
    }

    /// <summary>Not between the halves of a surrogate pair, neither of which can be stored alone.</summary>
    private static string Cut(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
