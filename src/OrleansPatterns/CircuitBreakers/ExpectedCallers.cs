namespace OrleansPatterns.CircuitBreakers;

/// <summary>Callers that may have made calls of which nobody has told yet. For a second they count as active, with nothing to be said against them.</summary>
/// <remarks>Else the first report after counting began anew would speak for the whole cluster, and it may be that of the one bad caller.</remarks>
internal sealed class ExpectedCallers
{
    /// <summary>Stands for callers of which only another activation knew. No caller has this name.</summary>
    private const string Unknown = "";

    /// <summary>Who lives says something at least so often.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, TimeSpan> _until = new(StringComparer.Ordinal);
    private List<string> _wereActive = [];

    public void ExpectUnknown(TimeSpan now) => _until[Unknown] = now + Silence;

    /// <summary>Counting begins anew. Who was active before, or was expected to be, is expected again.</summary>
    public void ExpectAgain(IReadOnlyDictionary<string, CallTally> counted, TimeSpan now)
    {
        if (counted.Count > 0)
        {
            _wereActive = [.. counted.Keys];
        }

        List<string> again = [.. _wereActive, .. _until.Where(expected => expected.Value > now).Select(expected => expected.Key)];
        _until.Clear();
        foreach (var caller in again)
        {
            _until[caller] = now + Silence;
        }
    }

    /// <summary>How many callers are active: those that have told, and those that are expected to.</summary>
    public int CountActive(IReadOnlyDictionary<string, CallTally> counted, TimeSpan now) =>
        counted.Count + _until.Count(expected => expected.Value > now && !counted.ContainsKey(expected.Key));
}
