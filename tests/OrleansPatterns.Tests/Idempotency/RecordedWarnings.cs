using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Keeps an application's warnings of idempotency, whose event ids begin with 4.</summary>
internal sealed class RecordedWarnings : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    internal IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && eventId.Id is >= 4000 and < 5000)
        {
            _lines.Enqueue($"{eventId.Id} {formatter(state, exception)}");
        }
    }

    public void Dispose()
    {
    }
}
