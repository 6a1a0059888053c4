using Microsoft.Extensions.Logging;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

internal sealed partial class LockGrain
{
    [LoggerMessage(3101, LogLevel.Debug, "Lock '{Key}': {Owner} asked and is {Outcome} (token {FencingToken}).")]
    private partial void LogAcquire(string key, string owner, LockOutcome outcome, long fencingToken);

    [LoggerMessage(3102, LogLevel.Debug, "Lock '{Key}': release of token {FencingToken}: {Outcome}.")]
    private partial void LogRelease(string key, long fencingToken, ReleaseOutcome outcome);

    [LoggerMessage(3103, LogLevel.Information, "Lock '{Key}': {Owner} did not renew its lease (token {FencingToken}) and is no longer the holder.")]
    private partial void LogExpired(string key, string owner, long fencingToken);
}
