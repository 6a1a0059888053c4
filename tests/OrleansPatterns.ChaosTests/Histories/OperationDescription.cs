namespace OrleansPatterns.ChaosTests.Histories;

/// <summary>An operation in one phrase of a sentence about a violation.</summary>
internal static class OperationDescription
{
    /// <summary>As in "acquire by worker-2#1 at 100..120 (token 5, Ok)"; the key is left to the sentence.</summary>
    internal static string Describe(this Operation operation)
    {
        string?[] facts =
        [
            operation.Token is { } token ? $"token {token}" : null,
            operation.Value is { } value ? $"value '{value}'" : null,
            $"{operation.Outcome}",
            operation.Detail,
        ];
        var answeredAt = operation.AnsweredAt is { } at ? $"{at}" : "never";
        return $"{operation.Action} by {operation.Process} at {operation.CalledAt}..{answeredAt} ({string.Join(", ", facts.OfType<string>())})";
    }
}
