namespace OrleansPatterns.Storage;

/// <summary>A grain state that means nothing any more after a time, so that its row may be removed then.</summary>
/// <remarks>
/// The group-commit storage keeps the time beside the row, and a sweeper of the silos removes the rows that are past it, some time later: at least
/// ten minutes, so that clocks may differ. Until then, and where another storage is used, the row is there, and the grain must treat it
/// as if it were not. An activation whose row was removed finds its next write refused, as after another activation's.
/// </remarks>
public interface IExpiringState
{
    /// <summary>From when on the state counts as absent; <see langword="null"/>: it stays.</summary>
    DateTimeOffset? RemovableFrom { get; }
}
