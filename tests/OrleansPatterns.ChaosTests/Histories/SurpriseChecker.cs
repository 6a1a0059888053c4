namespace OrleansPatterns.ChaosTests.Histories;

/// <summary>Errors that no caller is told to expect: faults of the way to a grain that were taken for the grain's answer.</summary>
internal static class SurpriseChecker
{
    /// <param name="operations">Of one pattern.</param>
    /// <param name="documented">The types of exceptions that its calls say they throw.</param>
    internal static IEnumerable<string> Violations(IReadOnlyList<Operation> operations, params string[] documented) => operations
        .Where(operation => operation is { Outcome: Outcome.Unknown, Detail: not null })
        .GroupBy(operation => operation.Detail!.Split(':')[0], StringComparer.Ordinal)
        .Where(errors => !documented.Contains(errors.Key, StringComparer.Ordinal))
        .Select(errors => $"{errors.Key}, which nobody is told of, was thrown {errors.Count()} times, as in {errors.First().Describe()}: {errors.First().Detail}");
}
