using Microsoft.Extensions.Logging;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

internal sealed partial class SagaGrain
{
    [LoggerMessage(5001, LogLevel.Information, "Saga '{SagaId}' of '{Definition}' version {Version} was started.")]
    private partial void LogStarted(string sagaId, string definition, int version);

    [LoggerMessage(5002, LogLevel.Information, "Saga '{SagaId}' is {Phase}. {Reason}")]
    private partial void LogPhaseChanged(string sagaId, SagaPhase phase, string? reason);

    [LoggerMessage(5003, LogLevel.Warning, "Saga '{SagaId}' is {Phase} and needs somebody to look. {Reason}")]
    private partial void LogStuck(string sagaId, SagaPhase phase, string? reason);

    [LoggerMessage(5005, LogLevel.Information, "Saga '{SagaId}' is to be cancelled.")]
    private partial void LogCancelled(string sagaId);

    [LoggerMessage(5006, LogLevel.Information, "Saga '{SagaId}': {Kind} {Step} by {By}. {Reason}")]
    private partial void LogIntervention(string sagaId, SagaInterventionKind kind, string? step, string by, string reason);

    [LoggerMessage(5007, LogLevel.Warning, "The catalog row of saga '{SagaId}' could not be written; it is repaired by the next wake-up.")]
    private partial void LogRowFailed(Exception exception, string sagaId);

    [LoggerMessage(5008, LogLevel.Debug, "Saga '{SagaId}' was removed after its retention.")]
    private partial void LogForgotten(string sagaId);

    [LoggerMessage(5010, LogLevel.Debug, "Saga '{SagaId}': a query could not look whether another activation has written; it is told what is known here.")]
    private partial void LogNotReadAgain(Exception exception, string sagaId);

    [LoggerMessage(5009, LogLevel.Warning, "Saga '{SagaId}' could not tell saga '{ParentId}' that it has ended; it tries again when it is woken.")]
    private partial void LogParentNotTold(Exception exception, string sagaId, string parentId);

    private void LogPhase(string sagaId, SagaPhase phase, string? reason)
    {
        if (phase is SagaPhase.Stuck or SagaPhase.Parked)
        {
            LogStuck(sagaId, phase, reason);
        }
        else
        {
            LogPhaseChanged(sagaId, phase, reason);
        }
    }
}
