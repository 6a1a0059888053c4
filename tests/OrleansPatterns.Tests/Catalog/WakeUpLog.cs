using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Tests.Catalog;

/// <summary>What was logged, at all levels, to be awaited line by line.</summary>
internal sealed class WakeUpLog : ILogger
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    /// <summary>What was logged and not yet awaited.</summary>
    internal IEnumerable<string> Events
    {
        get
        {
            while (_lines.Reader.TryRead(out var line))
            {
                yield return line;
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Writer.TryWrite($"{eventId.Id} {formatter(state, exception)}");

    internal Task<string> NextAsync() => _lines.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
}
