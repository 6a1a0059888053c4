using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansPatterns.Postgres.Clock;

namespace OrleansPatterns.PostgresTests.Clock;

/// <summary>The numbers of the events that the clock has logged, in order.</summary>
internal sealed class ClockLog : ILogger<PostgresClusterClock>
{
    internal const int Known = 7201;
    internal const int Unknown = 7202;
    internal const int Unanswered = 7203;
    internal const int Stepped = 7204;

    private readonly ConcurrentQueue<int> _events = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal IReadOnlyList<int> Events => [.. _events];

    internal Task FirstKnown => _known.Task;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _events.Enqueue(eventId.Id);
        if (eventId.Id == Known)
        {
            _known.TrySetResult();
        }
    }
}
