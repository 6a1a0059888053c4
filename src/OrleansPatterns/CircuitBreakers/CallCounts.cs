using System.Numerics;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>Outcomes of calls that began in one generation. A call keeps the counts it began with, so a late outcome lands where nobody reads.</summary>
/// <remarks>One cell for each processor, a cache line apart from the next, so that processors do not wait for each other.</remarks>
internal sealed class CallCounts
{
    private const int CellLength = 16;
    private const int Successes = 0;
    private const int Failures = 1;
    private const int SlowCalls = 2;

    private static readonly int Mask = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 16)) - 1;

    private readonly long[] _cells = new long[(Mask + 2) * CellLength];
    private int _failureRun;

    /// <returns>How many outcomes of this kind this processor has counted since the last report.</returns>
    public long Add(bool succeeded, bool isSlow)
    {
        // One cell further than its place, as the array's length stands in front of the first.
        var cell = ((Thread.GetCurrentProcessorId() & Mask) + 1) * CellLength;
        if (isSlow)
        {
            Interlocked.Increment(ref _cells[cell + SlowCalls]);
        }

        if (!succeeded)
        {
            Interlocked.Increment(ref _failureRun);
            return Interlocked.Increment(ref _cells[cell + Failures]);
        }

        if (Volatile.Read(ref _failureRun) != 0)
        {
            Volatile.Write(ref _failureRun, 0);
        }

        return Interlocked.Increment(ref _cells[cell + Successes]);
    }

    public CallTally Read()
    {
        var tally = default(CallTally);
        for (var cell = CellLength; cell < _cells.Length; cell += CellLength)
        {
            tally = new(
                tally.Successes + (int)Volatile.Read(ref _cells[cell + Successes]),
                tally.Failures + (int)Volatile.Read(ref _cells[cell + Failures]),
                tally.SlowCalls + (int)Volatile.Read(ref _cells[cell + SlowCalls]));
        }

        return tally with { FailureRun = Math.Min(Volatile.Read(ref _failureRun), tally.Failures) };
    }

    /// <summary>Takes what was counted since the last time.</summary>
    public CallTally Take()
    {
        var tally = default(CallTally);
        for (var cell = CellLength; cell < _cells.Length; cell += CellLength)
        {
            tally = new(
                tally.Successes + (int)Interlocked.Exchange(ref _cells[cell + Successes], 0),
                tally.Failures + (int)Interlocked.Exchange(ref _cells[cell + Failures], 0),
                tally.SlowCalls + (int)Interlocked.Exchange(ref _cells[cell + SlowCalls], 0));
        }

        return tally with { FailureRun = Math.Min(Volatile.Read(ref _failureRun), tally.Failures) };
    }
}
