namespace OrleansPatterns.CircuitBreakers;

/// <summary>Outcomes of calls.</summary>
/// <param name="Successes">How many succeeded.</param>
/// <param name="Failures">How many failed.</param>
/// <param name="SlowCalls">How many of both were slow.</param>
/// <param name="FailureRun">How many of the last ones failed with no success in between.</param>
internal readonly record struct CallTally(int Successes, int Failures, int SlowCalls = 0, int FailureRun = 0)
{
    public int Calls => Successes + Failures;

    /// <summary>With outcomes that came later.</summary>
    public CallTally Then(CallTally later) => new(
        Successes + later.Successes,
        Failures + later.Failures,
        SlowCalls + later.SlowCalls,
        later.Calls == 0 ? FailureRun : later.Successes > 0 ? later.FailureRun : FailureRun + later.Failures);

    /// <summary>Without outcomes that have become too old. A run that is longer than what is left is not.</summary>
    public CallTally Without(CallTally older)
    {
        var failures = Failures - older.Failures;
        return new(Successes - older.Successes, failures, SlowCalls - older.SlowCalls, Math.Min(FailureRun, failures));
    }
}
