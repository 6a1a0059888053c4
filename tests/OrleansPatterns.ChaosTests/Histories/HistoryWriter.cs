using System.Text.Json;

namespace OrleansPatterns.ChaosTests.Histories;

/// <summary>Writes the history of one process into a file of its own.</summary>
internal sealed class HistoryWriter(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
    private long _number;

    /// <summary>The process, as in <see cref="Operation.Process"/>.</summary>
    internal string Process { get; } = Path.GetFileNameWithoutExtension(path);

    /// <summary>Notes a call that is about to be made.</summary>
    internal OpenOperation Call(string action, string key, long? token = null)
    {
        var number = Interlocked.Increment(ref _number);
        Write(new HistoryLine(number, MonotonicClock.Now, IsAnswer: false, action, key, Token: token));
        return new OpenOperation(this, number, action, key);
    }

    /// <summary>Notes what was the case from one moment to another.</summary>
    internal void Note(string action, string key, long? token, long from, long to, string? value = null)
    {
        var number = Interlocked.Increment(ref _number);
        Write(new HistoryLine(number, from, IsAnswer: false, action, key, Token: token));
        Write(new HistoryLine(number, to, IsAnswer: true, action, key, Outcome.Ok, token, value));
    }

    internal void Write(HistoryLine line)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(line);
        lock (_gate)
        {
            _file.Write([.. bytes, (byte)'\n']);
            _file.Flush();
        }
    }

    public void Dispose() => _file.Dispose();
}
