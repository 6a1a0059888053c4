using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Postgres.Clock;

internal sealed partial class PostgresClusterClock
{
    [LoggerMessage(7201, LogLevel.Information, "The cluster's clock is known, within {Error}.")]
    private partial void LogKnown(TimeSpan error);

    [LoggerMessage(7202, LogLevel.Information, "The cluster's clock is no longer known: it could not be measured, or not well enough.")]
    private partial void LogUnknown();

    [LoggerMessage(7203, LogLevel.Debug, "PostgreSQL did not say its time; it is asked again.")]
    private partial void LogUnanswered(Exception fault);

    [LoggerMessage(
        7204,
        LogLevel.Warning,
        "PostgreSQL's clock was stepped to {ServerTime}, or another server has taken over. The cluster's clock is not known for {Quarantine}.")]
    private partial void LogStepped(DateTimeOffset serverTime, TimeSpan quarantine);
}
