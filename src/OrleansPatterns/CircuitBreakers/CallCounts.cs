namespace OrleansPatterns.CircuitBreakers;

/// <summary>Outcomes of calls that began in one generation. A call keeps the counts it began with, so a late outcome lands where nobody reads.</summary>
internal sealed class CallCounts(long generation)
{
    private int _successes;
    private int _failures;

    public long Generation => generation;

    public int Failures => Volatile.Read(ref _failures);

    public int Calls => Volatile.Read(ref _successes) + Failures;

    public void Add(bool succeeded) => Interlocked.Increment(ref succeeded ? ref _successes : ref _failures);

    /// <summary>Takes what was counted since the last time.</summary>
    public (int Successes, int Failures) Take() => (Interlocked.Exchange(ref _successes, 0), Interlocked.Exchange(ref _failures, 0));
}
