using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Locks;

public sealed partial class LockHandle
{
    [LoggerMessage(3002, LogLevel.Warning, "Renewing lock '{Key}' (token {FencingToken}) was not answered; it is tried again until the lease is over.")]
    private partial void LogRenewalFailed(Exception exception, string key, long fencingToken);

    [LoggerMessage(3003, LogLevel.Warning, "Lock '{Key}' (token {FencingToken}) is lost: its lease was not renewed in time, or the cluster says that it passed on.")]
    private partial void LogLost(string key, long fencingToken);

    [LoggerMessage(3004, LogLevel.Warning, "Releasing lock '{Key}' (token {FencingToken}) was not answered; it passes on when its lease is over.")]
    private partial void LogNotReleased(Exception exception, string key, long fencingToken);
}
