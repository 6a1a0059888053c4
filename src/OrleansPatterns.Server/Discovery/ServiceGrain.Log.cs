using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Server.Discovery;

/// <content>What it logs.</content>
internal sealed partial class ServiceGrain
{
    [LoggerMessage(1101, LogLevel.Information, "'{Instance}' left the list of service '{Service}': no heartbeat for {RemoveAfter}.")]
    private partial void LogExpired(string service, string instance, TimeSpan removeAfter);

    [LoggerMessage(1103, LogLevel.Information, "{Moved} instances of service '{Service}' move to others of its {Shards} lists.")]
    private partial void LogMoved(string service, int moved, int shards);

    [LoggerMessage(1104, LogLevel.Warning, "Instances of service '{Service}' could not move to another of its lists yet; it is tried again.")]
    private partial void LogNotMoved(Exception exception, string service);

    [LoggerMessage(1105, LogLevel.Information, "'{Instance}' of service '{Service}' is Down by its health check: {IsDown}. {Reason}")]
    private partial void LogJudged(string service, string instance, bool isDown, string? reason);

    [LoggerMessage(
        1102, LogLevel.Warning,
        "Service '{Service}' is protected from losing its instances: {IsProtected}. {Silent} of {Listed} are silent. While it is, nobody is removed, for at most 10 minutes; check the network between instances and silos.")]
    private partial void LogProtection(string service, bool isProtected, int silent, int listed);
}
