namespace OrleansPatterns.Benchmarks.Sagas;

internal sealed record OrderData
{
    public required string Text { get; init; }

    /// <summary>For a saga that sleeps: until when, in UTC.</summary>
    public DateTimeOffset WakesAt { get; init; }
}
