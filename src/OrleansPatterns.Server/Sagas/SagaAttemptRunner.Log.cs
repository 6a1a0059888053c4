using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Server.Sagas;

internal sealed partial class SagaAttemptRunner
{
    [LoggerMessage(5101, LogLevel.Warning, "Saga '{SagaId}', step '{Step}': attempt {Attempt} of its {Direction} failed.")]
    private partial void LogFailed(Exception exception, string sagaId, string step, SagaDirection direction, int attempt);

    [LoggerMessage(
        5102, LogLevel.Information, "Saga '{SagaId}', step '{Step}': attempt {Attempt} of its {Direction} was cut off; it is begun again.")]
    private partial void LogInterrupted(string sagaId, string step, SagaDirection direction, int attempt);

    [LoggerMessage(
        5105,
        LogLevel.Information,
        "Saga '{SagaId}', step '{Step}': attempt {Attempt} of its {Direction} finds an earlier one at work, or lost; it is tried again in {RetryAfter}.")]
    private partial void LogBusy(string sagaId, string step, SagaDirection direction, int attempt, TimeSpan retryAfter);

    [LoggerMessage(
        5103,
        LogLevel.Warning,
        "Saga '{SagaId}', step '{Step}': the outcome of attempt {Attempt} of its {Direction} could not be recorded; it is begun again.")]
    private partial void LogOutcomeLost(Exception exception, string sagaId, string step, SagaDirection direction, int attempt);

    [LoggerMessage(
        5104,
        LogLevel.Warning,
        "Saga '{SagaId}', step '{Step}': attempt {Attempt} of its {Direction} was not begun. This process was paused, and the saga has gone on without it.")]
    private partial void LogOutdated(string sagaId, string step, SagaDirection direction, int attempt);
}
