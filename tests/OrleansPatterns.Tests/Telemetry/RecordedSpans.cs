using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansPatterns.Tests.Telemetry;

/// <summary>Keeps the activities of some sources that have ended. Other tests' are among them: they are told apart by their trace.</summary>
internal sealed class RecordedSpans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _stopped = [];
    private readonly ActivityListener _listener;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal RecordedSpans(params string[] sources)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "OrleansPatterns" || sources.Contains(source.Name),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>What has ended in an activity's trace, in that order.</summary>
    internal IReadOnlyList<Activity> Of(Activity activity) => [.. _stopped.Where(span => span.TraceId == activity.TraceId)];

    /// <summary>Waits until something in an activity's trace has ended.</summary>
    internal async Task<Activity> StoppedAsync(Activity trace, Func<Activity, bool> wanted)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (Of(trace).FirstOrDefault(wanted) is { } found)
            {
                return found;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A span's attributes, by the last words of their keys.</summary>
    internal static string Tags(Activity span) =>
        string.Join(' ', span.TagObjects.Select(tag => $"{tag.Key[(tag.Key.LastIndexOf('.') + 1)..]}={tag.Value}"));

    public void Dispose() => _listener.Dispose();

    private void Add(Activity span)
    {
        _stopped.Enqueue(span);
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
