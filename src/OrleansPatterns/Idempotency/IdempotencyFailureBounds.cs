namespace OrleansPatterns.Idempotency;

/// <summary>Refuses failures that the application made itself and that are outside their bounds.</summary>
internal static class IdempotencyFailureBounds
{
    internal static void Check(IdempotencyFailure failure, string parameterName)
    {
        if (string.IsNullOrEmpty(failure.Type) || failure.Type.Length > IdempotencyFailure.MaxTypeLength)
        {
            throw new ArgumentException(
                $"The type of a failure has 1 to {IdempotencyFailure.MaxTypeLength} characters; this one has {failure.Type?.Length ?? 0}.", parameterName);
        }

        if (failure.Message is null || failure.Message.Length > IdempotencyFailure.MaxMessageLength)
        {
            throw new ArgumentException(
                $"The message of a failure has at most {IdempotencyFailure.MaxMessageLength} characters; this one "
                + (failure.Message is null ? "is null." : $"has {failure.Message.Length}."),
                parameterName);
        }
    }
}
