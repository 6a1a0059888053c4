using Microsoft.Extensions.Logging;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Server.Idempotency;

internal sealed partial class IdempotencyGrain
{
    private void LogTransition(IdempotencyRecord before, IdempotencyRecord next)
    {
        switch (before.Status, next.Status)
        {
            case (ExecutionStatus.InProgress, ExecutionStatus.InProgress) when next.ExecutionToken > before.ExecutionToken:
                _instruments.Lost(LostExecutorOutcome.TakenOver);
                LogTakenOver(_key, before.ExecutionToken, next.ExecutionToken);
                break;
            case (ExecutionStatus.InProgress, ExecutionStatus.Parked):
                _instruments.Lost(LostExecutorOutcome.Parked);
                LogParked(_key, next.ExecutionToken);
                break;
            case (ExecutionStatus.InProgress, ExecutionStatus.Sealed):
                _instruments.Lost(LostExecutorOutcome.Sealed);
                LogSealedLost(_key, before.ExecutionToken);
                break;
            case (ExecutionStatus.Parked, not ExecutionStatus.Parked):
                LogUnparked(_key, before.ExecutionToken, next.Status);
                break;
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "The executor of execution {LostToken} of '{Key}' was lost; execution {ExecutionToken} takes over.")]
    private partial void LogTakenOver(ResourceKey key, long lostToken, long executionToken);

    [LoggerMessage(4002, LogLevel.Warning, "The executor of execution {ExecutionToken} of '{Key}' was lost; the key is parked until an operator decides.")]
    private partial void LogParked(ResourceKey key, long executionToken);

    [LoggerMessage(4003, LogLevel.Information, "'{Key}', parked since execution {ExecutionToken}, is no longer parked but {Status}.")]
    private partial void LogUnparked(ResourceKey key, long executionToken, ExecutionStatus status);

    [LoggerMessage(4004, LogLevel.Debug, "Begin of '{Key}': {Outcome}, execution {ExecutionToken}.")]
    private partial void LogBegin(BeginOutcome outcome, ResourceKey key, long executionToken);

    [LoggerMessage(4005, LogLevel.Debug, "Report of execution {ExecutionToken} of '{Key}': {Claim}.")]
    private partial void LogReport(ExecutionClaim claim, ResourceKey key, long executionToken);

    [LoggerMessage(4006, LogLevel.Information, "The executor of execution {ExecutionToken} of '{Key}' was lost, but its transaction has committed.")]
    private partial void LogCommitted(ResourceKey key, long executionToken);

    [LoggerMessage(4007, LogLevel.Warning, "The catalog row of '{Key}', which is no longer parked, was not removed; that is tried again.")]
    private partial void LogRowNotRemoved(Exception exception, ResourceKey key);

    [LoggerMessage(4008, LogLevel.Debug, "Seal of '{Key}': {Outcome}.")]
    private partial void LogSeal(SealOutcome outcome, ResourceKey key);

    [LoggerMessage(4009, LogLevel.Warning, "The executor of execution {ExecutionToken} of '{Key}' was lost; the key is sealed, and nobody takes over.")]
    private partial void LogSealedLost(ResourceKey key, long executionToken);
}
