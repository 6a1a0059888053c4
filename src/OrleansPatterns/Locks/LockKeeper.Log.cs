using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Locks;

internal sealed partial class LockKeeper
{
    [LoggerMessage(3002, LogLevel.Warning, "Renewing {Count} locks, '{Key}' among them, was not answered; they are tried again until their leases are over.")]
    private partial void LogRenewalFailed(Exception exception, int count, string key);

    [LoggerMessage(3003, LogLevel.Warning, "Lock '{Key}' (token {FencingToken}) is lost: its lease was not renewed in time, it was broken, or it has passed on.")]
    private partial void LogLost(string key, long fencingToken);

    [LoggerMessage(3004, LogLevel.Warning, "Releasing lock '{Key}' (token {FencingToken}) could not be sent; it passes on when its lease is over.")]
    private partial void LogNotReleased(Exception exception, string key, long fencingToken);

    [LoggerMessage(3005, LogLevel.Warning, "Withdrawing an upgrade of lock '{Key}' was not answered; it is repeated with the next renewal.")]
    private partial void LogNotWithdrawn(Exception exception, string key);
}
