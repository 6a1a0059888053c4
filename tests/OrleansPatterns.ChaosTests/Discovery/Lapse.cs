using System.Globalization;

namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>A time in which a list was not as things were, as happens while a fault lasts.</summary>
/// <param name="Of">Whose list, and which instance.</param>
/// <param name="When">From when to when, as far as it counts.</param>
internal readonly record struct Lapse(Sightings Of, Stretch When)
{
    internal TimeSpan Length => TimeSpan.FromMicroseconds((When.To - When.From) / 1000.0);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"from {When.From} to {When.To} ({Length.TotalSeconds:0.0} s)");
}
