using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>Keeps what was logged at Warning or above, or fails at every level.</summary>
internal sealed class RecordedLog<T> : ILogger<T>
{
    public ConcurrentQueue<string> Messages { get; } = [];

    public Exception? Fault { get; set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning || Fault is not null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Fault is { } fault)
        {
            throw fault;
        }

        Messages.Enqueue(formatter(state, exception));
    }
}
