namespace OrleansPatterns.ChaosTests.Histories;

public sealed class SurpriseCheckerTests
{
    [Fact]
    public void Errors_ThatAreDocumented_AndOnesWithoutAnAnswer_AreNone() => Assert.Empty(SurpriseChecker.Violations(
        [Failing("ClusterUnavailableException: no answer"), Failing(detail: null), Failing("KeyNotFoundException: x") with { Outcome = Outcome.Refused }],
        "ClusterUnavailableException"));

    [Fact]
    public void Error_ThatIsNotDocumented_IsOneViolationHoweverOften() => Assert.Contains(
        "OrleansException, which nobody is told of, was thrown 2 times",
        Assert.Single(SurpriseChecker.Violations(
            [Failing("OrleansException: invalid silo"), Failing("ClusterUnavailableException: no answer"), Failing("OrleansException: invalid silo")],
            "ClusterUnavailableException")),
        StringComparison.Ordinal);

    private static Operation Failing(string? detail) =>
        new() { Process = "worker-0#1", Action = "start", Key = "saga-1", CalledAt = 1, Detail = detail };
}
