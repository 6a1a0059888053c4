namespace OrleansPatterns.Server.Sagas;

/// <summary>Which half of a step an attempt is of.</summary>
internal enum SagaDirection
{
    None = 0,
    Action = 1,
    Compensation = 2,
}
