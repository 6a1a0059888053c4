namespace OrleansPatterns.Server.Sagas;

/// <summary>What a step is done by.</summary>
internal enum SagaStepKind
{
    None = 0,
    Action = 1,
    Signal = 2,
    Delay = 3,
    Child = 4,
}
