namespace OrleansPatterns.AspNetCore.Management;

/// <param name="Patterns">How many there are, by pattern.</param>
/// <param name="CountLimit">A count of so many means so many or more.</param>
/// <param name="Attention">What somebody should look at: of each pattern the latest 20, the oldest of all first.</param>
/// <param name="AttentionTruncated">Whether there is more.</param>
internal sealed record OverviewView(
    IReadOnlyDictionary<string, PatternCountsView> Patterns, int CountLimit, IReadOnlyList<AttentionView> Attention, bool AttentionTruncated);
