using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>What the checks of one instance have told. The default: nothing yet, and it is not down.</summary>
/// <param name="Failures">How many of the last checks failed in a row.</param>
/// <param name="Successes">How many of the last checks succeeded in a row.</param>
/// <param name="IsDown">Whether it has failed often enough, and not succeeded often enough since.</param>
internal readonly record struct HealthTally(int Failures, int Successes, bool IsDown)
{
    internal HealthTally Next(bool isWell, InstanceHealthCheck check)
    {
        var successes = isWell ? Successes + 1 : 0;
        var failures = isWell ? 0 : Failures + 1;
        return new(failures, successes, IsDown ? successes < check.SuccessesToUp : failures >= check.FailuresToDown);
    }
}
