using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Locks;

internal sealed partial class OrleansLock
{
    [LoggerMessage(3001, LogLevel.Debug, "Withdrawing a request for lock '{Key}' was not answered; it lapses by itself.")]
    private partial void LogNotWithdrawn(Exception exception, string key);
}
