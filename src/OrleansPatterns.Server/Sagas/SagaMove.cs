namespace OrleansPatterns.Server.Sagas;

/// <summary>What an activation has to do once the record is written.</summary>
internal readonly record struct SagaMove(SagaMoveKind Kind, int Step, SagaDirection Direction, int Attempt, TimeSpan Delay)
{
    internal static SagaMove None => default;

    internal static SagaMove Run(int step, SagaDirection direction, int attempt) =>
        new(SagaMoveKind.Run, step, direction, attempt, TimeSpan.Zero);

    internal static SagaMove Wait(TimeSpan delay) => new(SagaMoveKind.Wait, 0, SagaDirection.None, 0, delay);
}
