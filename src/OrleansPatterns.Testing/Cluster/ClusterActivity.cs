using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Testing.Cluster;

/// <summary>Tells when the work that a move of the clock has set going is done: calls of grains, grain timers and steps of sagas.</summary>
/// <remarks>
/// What is neither of these, such as a continuation that is queued or a notification that is on its way, is seen by the thread pool: while that has
/// something to do, the cluster may. A call that waits for the clock itself must not be waited for. Those of the patterns are known; any other, such as a step that hangs until its
/// timeout, is taken for one when it has shown no sign for a fifth of a real second.
/// </remarks>
internal sealed class ClusterActivity : IIncomingGrainCallFilter, IOutgoingGrainCallFilter
{
    /// <summary>How long nothing must have happened where the thread pool is never idle, as other tests of the process are at work.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(10);

    /// <summary>And how many messages there and back, in a row, nothing must have happened beside: on a machine that is short of processors these take longer.</summary>
    private const int QuietRounds = 5;

    private static readonly TimeSpan IdleWithin = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>How many of the pool's threads ask whether it is idle; all test clusters of the process share the pool.</summary>
    private static int _asking;

    private readonly ConcurrentDictionary<Work, bool> _running = [];
    private long _events;

    public Task Invoke(IIncomingGrainCallContext context) => TrackAsync(context);

    public Task Invoke(IOutgoingGrainCallContext context) => TrackAsync(context);

    /// <summary>Something has begun that is to be waited for, until it is disposed.</summary>
    internal IDisposable Begin(string name)
    {
        var work = new Work(this, name);
        _running[work] = true;
        Interlocked.Increment(ref _events);
        return work;
    }

    /// <summary>Waits until nothing is under way but what waits for the clock.</summary>
    /// <param name="passThrough">A message to every silo and back.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="TimeoutException">There was something to do for 20 real seconds.</exception>
    internal async Task RestAsync(Func<Task> passThrough, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var changedAt = startedAt;
        for (var quietRounds = 1; ; quietRounds++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = Interlocked.Read(ref _events);
            await passThrough();
            var isIdle = IsPoolSoonIdle();
            if (Interlocked.Read(ref _events) != before)
            {
                changedAt = Stopwatch.GetTimestamp();
                quietRounds = 0;
                ThrowIfTooLong(startedAt);
            }
            else if (_running.Keys.Where(work => !work.IsWaiting).ToList() is { Count: > 0 } running)
            {
                if (Stopwatch.GetElapsedTime(changedAt) >= Patience)
                {
                    running.ForEach(work => work.IsWaiting = true);
                }
            }
            else if (isIdle || (quietRounds >= QuietRounds && Stopwatch.GetElapsedTime(changedAt) >= Quiet))
            {
                return;
            }
        }
    }

    /// <summary>Whether for a moment nothing in the process runs or is about to, other than those who ask for just this.</summary>
    private static bool IsPoolSoonIdle()
    {
        var own = Thread.CurrentThread.IsThreadPoolThread ? 1 : 0;
        Interlocked.Add(ref _asking, own);
        try
        {
            return SpinWait.SpinUntil(IsPoolIdle, IdleWithin);
        }
        finally
        {
            Interlocked.Add(ref _asking, -own);
        }
    }

    private static bool IsPoolIdle()
    {
        ThreadPool.GetMaxThreads(out var all, out _);
        ThreadPool.GetAvailableThreads(out var available, out _);
        return ThreadPool.PendingWorkItemCount == 0 && all - available <= Volatile.Read(ref _asking);
    }

    /// <summary>Whether a call is made in order to wait.</summary>
    private static bool Waits(IGrainCallContext context)
    {
        var type = context.Request.GetInterfaceType();
        var method = context.Request.GetMethodName();
        return type == typeof(ILockGrain) ? method == nameof(ILockGrain.AcquireAsync) && context.Request.GetArgument(0) is LockRequest { WaitFor.Ticks: > 0 }
            : (type == typeof(IIdempotencyGrain) && method == nameof(IIdempotencyGrain.WaitAsync))
            || (type == typeof(ISagaGrain) && method == nameof(ISagaGrain.WaitAsync));
    }

    private async Task TrackAsync(IGrainCallContext context)
    {
        if (context.Request.GetInterfaceType() == typeof(IPulseGrain))
        {
            await context.Invoke();
            return;
        }

        using var work = Waits(context) ? null : Begin($"{context.Request.GetInterfaceName()}.{context.Request.GetMethodName()}");
        Interlocked.Increment(ref _events);
        try
        {
            await context.Invoke();
        }
        finally
        {
            Interlocked.Increment(ref _events);
        }
    }

    private void ThrowIfTooLong(long startedAt)
    {
        if (Stopwatch.GetElapsedTime(startedAt) >= Limit)
        {
            var running = string.Join(", ", _running.Keys.Select(work => work.Name).Order(StringComparer.Ordinal));
            throw new TimeoutException(
                $"The cluster has not come to rest within {Limit} of real time, without its clock having moved. Under way: {(running.Length == 0 ? "nothing" : running)}.");
        }
    }

    private sealed class Work(ClusterActivity activity, string name) : IDisposable
    {
        internal string Name { get; } = name;

        internal bool IsWaiting { get; set; }

        public void Dispose()
        {
            activity._running.TryRemove(this, out _);
            Interlocked.Increment(ref activity._events);
        }
    }
}
