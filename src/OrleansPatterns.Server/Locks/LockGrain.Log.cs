using Microsoft.Extensions.Logging;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

internal sealed partial class LockGrain
{
    [LoggerMessage(3101, LogLevel.Debug, "Lock '{Key}': {Owner} asked and is {Outcome} (token {FencingToken}).")]
    private partial void LogAcquire(string key, string owner, LockOutcome outcome, long fencingToken);

    [LoggerMessage(3102, LogLevel.Debug, "Lock '{Key}': release of token {FencingToken}: {Outcome}.")]
    private partial void LogRelease(string key, long fencingToken, ReleaseOutcome outcome);

    [LoggerMessage(3103, LogLevel.Information, "Lock '{Key}': {Owner} did not renew its lease (token {FencingToken}) and is no longer a holder.")]
    private partial void LogExpired(string key, string owner, long fencingToken);

    [LoggerMessage(3104, LogLevel.Warning, "Lock '{Key}': the hold of {Owner} (token {FencingToken}) was broken by an operator.")]
    private partial void LogBroken(string key, string owner, long fencingToken);

    [LoggerMessage(3105, LogLevel.Warning, "Lock '{Key}': its record could not be written; nobody new gets the lock beyond what is claimed already.")]
    private partial void LogNotWritten(Exception exception, string key);

    [LoggerMessage(3106, LogLevel.Information, "Lock '{Key}': another activation has taken it over; this one ends.")]
    private partial void LogReplaced(string key);

    [LoggerMessage(3107, LogLevel.Information, "Lock '{Key}': takes over a claim that may last for {Remaining} more; nobody new gets the lock until then.")]
    private partial void LogRecovering(string key, TimeSpan remaining);

    [LoggerMessage(3110, LogLevel.Debug, "Lock '{Key}': the activation before has told who holds it, {Count}; there is nothing to wait for.")]
    private partial void LogTakenOver(string key, int count);

    [LoggerMessage(3108, LogLevel.Debug, "Lock '{Key}': could not be handed on; the next activation waits for the claim's end.")]
    private partial void LogNotHandedOn(Exception exception, string key);
}
