using Microsoft.Extensions.Logging;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

internal sealed partial class SagaGrain
{
    [LoggerMessage(5001, LogLevel.Information, "Saga '{SagaId}' of '{Definition}' version {Version} was started.")]
    private partial void LogStarted(string sagaId, string definition, int version);

    [LoggerMessage(5002, LogLevel.Information, "Saga '{SagaId}' is {Phase}. {Reason}")]
    private partial void LogPhaseChanged(string sagaId, SagaPhase phase, string? reason);

    [LoggerMessage(5003, LogLevel.Warning, "Saga '{SagaId}' is stuck and needs an operator. {Reason}")]
    private partial void LogStuck(string sagaId, string? reason);

    [LoggerMessage(5004, LogLevel.Information, "Saga '{SagaId}' goes on after its step was cut off or its silo has gone.")]
    private partial void LogResumed(string sagaId);

    [LoggerMessage(5005, LogLevel.Information, "Saga '{SagaId}' is to be cancelled.")]
    private partial void LogCancelled(string sagaId);

    [LoggerMessage(5006, LogLevel.Information, "Saga '{SagaId}' was stuck and is tried again.")]
    private partial void LogRetried(string sagaId);

    [LoggerMessage(5007, LogLevel.Warning, "The catalog row of saga '{SagaId}' could not be written; it is repaired by the next wake-up.")]
    private partial void LogRowFailed(Exception exception, string sagaId);

    private void LogPhase(string sagaId, SagaPhase phase, string? reason)
    {
        if (phase == SagaPhase.Stuck)
        {
            LogStuck(sagaId, reason);
        }
        else
        {
            LogPhaseChanged(sagaId, phase, reason);
        }
    }
}
