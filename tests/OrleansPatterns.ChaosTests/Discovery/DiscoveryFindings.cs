using System.Globalization;

namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>What a history says of discovery.</summary>
/// <param name="Violations">What must not have happened.</param>
/// <param name="Unlisted">The longest time in which one that was registered was not known to somebody.</param>
/// <param name="Uncallable">The longest time in which a live one was not to be called by somebody.</param>
/// <param name="DeadCallable">The longest time in which one that was dead was to be called by somebody.</param>
internal sealed record DiscoveryFindings(IReadOnlyList<string> Violations, TimeSpan Unlisted, TimeSpan Uncallable, TimeSpan DeadCallable)
{
    /// <summary>The longest times in one sentence.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Discovery: a registered instance was unknown to somebody for at most {Unlisted.TotalSeconds:0.0} s; a live one was not to be called for at most "
        + $"{Uncallable.TotalSeconds:0.0} s; a dead one was for at most {DeadCallable.TotalSeconds:0.0} s.");
}
