using System.Data;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OrleansPatterns.Postgres.Batching;

/// <summary>Sends batches one after the other on a connection of its own, again where that is safe and may help.</summary>
/// <remarks>
/// The connection is kept: taking one from the pool each time makes the server reset it first, which a lone small write would feel. A
/// connection that broke is replaced at the next attempt.
/// </remarks>
internal sealed partial class BatchSender<TItem>(
    NpgsqlDataSource dataSource,
    BatchKind kind,
    IBatchStatement<TItem> statement,
    BatchLimits limits,
    BatchInstruments instruments,
    TimeProvider time,
    ILogger logger) : IDisposable
    where TItem : BatchItem
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>For what was too slow once: a healthy row needs milliseconds, and a blocked one must not hold up the others again.</summary>
    private static readonly TimeSpan PartTimeout = TimeSpan.FromSeconds(1);

    private NpgsqlConnection? _connection;

    /// <summary>Settles every row, but those that <see cref="BatchItem.MustGoAlone">must go alone</see>: the queue sends them later.</summary>
    internal Task SendAsync(IReadOnlyList<TItem> items) =>
        SendAsync(items, items[0].MustGoAlone ? Shorter(limits.CommandTimeout) : limits.CommandTimeout, lastFault: null);

    public void Dispose() => _connection?.Dispose();

    /// <param name="items">The rows.</param>
    /// <param name="timeout">How long the server has.</param>
    /// <param name="lastFault">Why they are sent again; <see langword="null"/>: it is the first time.</param>
    private async Task SendAsync(IReadOnlyList<TItem> items, TimeSpan timeout, Exception? lastFault)
    {
        var pause = FirstPause;
        while (true)
        {
            // Before each attempt but the first, also of a part: the parts of a large batch that is blocked as a whole take long together.
            items = lastFault is null ? items : GiveUpOverdue(items, lastFault);
            if (items.Count == 0)
            {
                return;
            }

            var isSent = false;
            var startedAt = time.GetTimestamp();
            try
            {
                var connection = await ConnectAsync().ConfigureAwait(false);
                isSent = true;
                await statement.ExecuteAsync(connection, items, timeout).ConfigureAwait(false);
                instruments.Sent(kind, items.Count, BatchFault.None, time.GetElapsedTime(startedAt));
                return;
            }
            catch (Exception exception)
            {
                var fault = isSent ? BatchFaults.Classify(exception, _connection?.State == ConnectionState.Open) : BatchFault.RolledBack;
                instruments.Sent(kind, items.Count, fault, time.GetElapsedTime(startedAt));

                // A broken connection would fail the next batch as well; a healthy one goes back to the pool, which resets it.
                await DropConnectionAsync().ConfigureAwait(false);
                if (fault is BatchFault.Lost or BatchFault.Unexpected)
                {
                    foreach (var item in items)
                    {
                        item.MayHaveLanded = true;
                    }
                }

                if (fault is BatchFault.BadRow or BatchFault.Unexpected or BatchFault.TooSlow && items.Count > 1)
                {
                    var half = items.Count / 2;
                    var partTimeout = fault == BatchFault.TooSlow ? Shorter(timeout) : timeout;
                    await SendAsync([.. items.Take(half)], partTimeout, exception).ConfigureAwait(false);
                    await SendAsync([.. items.Skip(half)], partTimeout, exception).ConfigureAwait(false);
                    return;
                }

                if (fault is BatchFault.BadRow or BatchFault.Unexpected)
                {
                    items[0].Fail(items[0].Refused(exception));
                    return;
                }

                if (fault == BatchFault.TooSlow)
                {
                    items[0].MustGoAlone = true;
                    return;
                }

                LogRepeating(items.Count, fault, exception.Message);
                lastFault = exception;
            }

            await Task.Delay(pause, time).ConfigureAwait(false);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }

    private static TimeSpan Shorter(TimeSpan timeout) => timeout < PartTimeout ? timeout : PartTimeout;

    private List<TItem> GiveUpOverdue(IReadOnlyList<TItem> items, Exception fault)
    {
        var left = new List<TItem>(items.Count);
        foreach (var item in items)
        {
            if (time.GetElapsedTime(item.AcceptedAt) < limits.Timeout)
            {
                left.Add(item);
            }
            else
            {
                item.Fail(item.GivenUp($"PostgreSQL did not take it within {limits.Timeout.TotalSeconds:0.#} s: {fault.Message}", fault));
            }
        }

        return left;
    }

    private async ValueTask<NpgsqlConnection> ConnectAsync()
    {
        if (_connection is { } kept)
        {
            return kept;
        }

        using var deadline = new CancellationTokenSource(limits.CommandTimeout, time);
        return _connection = await dataSource.OpenConnectionAsync(deadline.Token).ConfigureAwait(false);
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is not { } connection)
        {
            return;
        }

        _connection = null;
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or InvalidOperationException)
        {
            // Already broken: there is nothing left to close.
        }
    }

    [LoggerMessage(7101, LogLevel.Warning, "A batch of {Count} rows did not get through ({Fault}) and is sent again: {Reason}")]
    private partial void LogRepeating(int count, BatchFault fault, string reason);
}
