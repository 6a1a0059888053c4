using System.Security.Cryptography;
using System.Text;

namespace OrleansPatterns.Server.Sagas;

/// <summary>
/// What a running saga relies on in its definition: which steps there are, of what kind, in what order, and what can be undone. Two definitions of one
/// version that differ in it are two versions. Retries, timeouts, delays and code may change within one.
/// </summary>
internal static class SagaFingerprint
{
    private const int Length = 16;

    internal static string Of(IEnumerable<SagaStepDefinition> steps)
    {
        var structure = string.Join('\n', steps.Select(step => string.Join(
            '|',
            step.Stage,
            step.Name,
            step.Kind,
            step.IsPivot ? "pivot" : "",
            step.Compensation is null ? "" : "undo",
            step.Condition is null ? "" : "if",
            step.Child)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(structure)))[..Length];
    }
}
