namespace OrleansPatterns.Server.Sagas;

/// <summary>Where a step stands in its saga.</summary>
/// <param name="Stage">The stage that it belongs to.</param>
/// <param name="IsAfterPivot">Whether it comes after the point of no return.</param>
/// <param name="IsUndoneByOthers">Whether something that comes with or after it can fail and have it undone.</param>
internal readonly record struct SagaPlace(int Stage, bool IsAfterPivot, bool IsUndoneByOthers);
