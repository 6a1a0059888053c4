namespace OrleansPatterns.AspNetCore.Management;

/// <summary>What an operator wants done.</summary>
/// <param name="Reason">Why, for whoever asks later. 1 to 500 characters.</param>
internal abstract record Deed(string Reason)
{
    private const int MaxReasonLength = 500;

    /// <summary>To what.</summary>
    internal abstract string Target { get; }

    /// <exception cref="ArgumentException">The reason is out of bounds.</exception>
    internal void Check()
    {
        if (string.IsNullOrWhiteSpace(Reason) || Reason.Length > MaxReasonLength)
        {
            throw new ArgumentException($"'reason' has {Reason?.Length ?? 0} characters; it must have 1 to {MaxReasonLength}, not only white space: say why.");
        }
    }

    /// <summary>For logs, where a line of its own would pass for another entry.</summary>
    internal static string OneLine(string text) =>
        string.Concat(text.Select(static character => char.IsControl(character) ? ' ' : character));
}
