namespace OrleansPatterns.Server.Sagas;

/// <summary>An attempt that an activation has to run once the record that says so is written.</summary>
internal readonly record struct SagaMove(int Step, SagaDirection Direction, int Attempt);
