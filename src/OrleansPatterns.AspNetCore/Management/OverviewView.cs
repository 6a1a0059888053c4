namespace OrleansPatterns.AspNetCore.Management;

/// <param name="Patterns">How many there are, by pattern.</param>
/// <param name="CountLimit">A count of so many means so many or more.</param>
/// <param name="Attention">What somebody should look at: the latest, of these the oldest first.</param>
/// <param name="AttentionTruncated">Whether there is more.</param>
internal sealed record OverviewView(
    IReadOnlyDictionary<string, PatternCountsView> Patterns, int CountLimit, IReadOnlyList<AttentionView> Attention, bool AttentionTruncated);
