using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Idempotency;

public sealed partial class IdempotentExecution
{
    [LoggerMessage(4101, LogLevel.Warning, "Renewing execution {ExecutionToken} of '{Key}' failed; it is tried again until the lease ends.")]
    private partial void LogRenewalFailed(Exception exception, IdempotencyKey key, long executionToken);

    [LoggerMessage(4102, LogLevel.Warning, "Execution {ExecutionToken} of '{Key}' was lost while its work ran; the work is cancelled.")]
    private partial void LogLost(IdempotencyKey key, long executionToken);

    [LoggerMessage(4103, LogLevel.Warning, "The result of execution {ExecutionToken} of '{Key}' was refused: another caller took over.")]
    private partial void LogOvertaken(IdempotencyKey key, long executionToken);

    [LoggerMessage(4105, LogLevel.Warning, "The failure of execution {ExecutionToken} of '{Key}' was to be remembered and may not be.")]
    private partial void LogFailureNotRecorded(Exception exception, IdempotencyKey key, long executionToken);

    [LoggerMessage(4104, LogLevel.Warning, "To {Operation} '{Key}' after execution {ExecutionToken} failed; it stays in progress until the lease ends.")]
    private partial void LogEndFailed(Exception exception, string operation, IdempotencyKey key, long executionToken);
}
