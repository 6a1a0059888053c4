using Microsoft.Extensions.Logging;

namespace OrleansPatterns.AspNetCore.Management;

internal sealed partial class ManagementApi
{
    [LoggerMessage(6001, LogLevel.Warning, "{Operator} does '{Action}' to '{Target}': {Reason}")]
    private partial void LogBegun(string @operator, string action, string target, string reason);

    [LoggerMessage(6002, LogLevel.Information, "'{Action}' of {Operator} to '{Target}' is done.")]
    private partial void LogDone(string action, string @operator, string target);

    [LoggerMessage(6003, LogLevel.Warning, "'{Action}' of {Operator} to '{Target}' was refused, failed, or has an unknown outcome.")]
    private partial void LogNotDone(Exception exception, string action, string @operator, string target);
}
