using Microsoft.Extensions.Logging;

namespace OrleansPatterns.AspNetCore.Idempotency;

internal sealed partial class HttpExecution
{
    [LoggerMessage(4201, LogLevel.Warning, "The response of '{Route}' is over {MaxBytes} bytes; it is passed on and not remembered, so a repetition runs again.")]
    private static partial void LogTooLarge(ILogger logger, string route, int maxBytes);

    [LoggerMessage(4202, LogLevel.Warning, "The request to '{Route}' was cancelled because execution {ExecutionToken} was lost.")]
    private static partial void LogCancelled(ILogger logger, Exception exception, string route, long executionToken);

    [LoggerMessage(4203, LogLevel.Warning, "The response of '{Route}' is streamed; it is passed on and not remembered, so a repetition runs again.")]
    private static partial void LogStreamed(ILogger logger, string route);

    [LoggerMessage(4204, LogLevel.Warning, "The failure of '{Route}' in execution {ExecutionToken} was to be remembered and may not be.")]
    private static partial void LogFailureNotRecorded(ILogger logger, Exception exception, string route, long executionToken);

    [LoggerMessage(4205, LogLevel.Warning, "The response of '{Route}' has trailers; it is not remembered, so a repetition runs again.")]
    private static partial void LogHasTrailers(ILogger logger, string route);
}
