using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Tests.Management;

/// <summary>Keeps what the console logs, whose event ids begin with 60.</summary>
internal sealed class RecordedManagementLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    internal IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && eventId.Id is >= 6000 and < 6100)
        {
            _lines.Enqueue($"{logLevel} {formatter(state, exception)}");
        }
    }

    public void Dispose()
    {
    }
}
