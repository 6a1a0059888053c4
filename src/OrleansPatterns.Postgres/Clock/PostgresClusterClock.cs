using Microsoft.Extensions.Logging;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Postgres.Clock;

/// <summary>The clock of the PostgreSQL server, which all silos of a cluster can ask.</summary>
internal sealed partial class PostgresClusterClock(
    PostgresDatabase database, TimeProvider time, ILogger<PostgresClusterClock> logger) : IClusterClock
{
    /// <summary>For connecting and asking: a start waits for that, and the next measurement does.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    private static readonly ClusterClockRules Rules = new(ClusterClockRules.MaxDrift);

    private readonly long _origin = time.GetTimestamp();
    private volatile ClusterClockState _state = ClusterClockState.Unmeasured;
    private bool _isKnown;
    private bool _isAnswered = true;

    private TimeSpan Now => time.GetElapsedTime(_origin);

    public ClusterTime? Read()
    {
        // In this order: a state that was published after now would have been measured after now.
        var state = _state;
        return Rules.Read(state, Now);
    }

    /// <summary>Measures once; not at the same time as another call. What goes wrong is logged: the clock gets less exact, and then unknown.</summary>
    internal async Task MeasureAsync(CancellationToken cancellationToken)
    {
        Exception? fault = null;
        try
        {
            Accept(await AskAsync(cancellationToken));
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            fault = exception;
        }

        LogChanges(fault);
    }

    private async Task<ClockMeasurement> AskAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(either.Token);
        await using var command = connection.CreateCommand();
        command.CommandText = "select clock_timestamp()";

        // As close around the round trip as can be: connecting takes long, and what is counted here is the error.
        var sentAt = Now;
        await using var reader = await command.ExecuteReaderAsync(either.Token);
        await reader.ReadAsync(either.Token);
        var receivedAt = Now;
        return new ClockMeasurement(sentAt, reader.GetFieldValue<DateTimeOffset>(0), receivedAt);
    }

    private void Accept(ClockMeasurement measurement)
    {
        var state = _state;
        _state = Rules.Measure(state, measurement);
        if (_state.TrustedFrom != state.TrustedFrom)
        {
            _isKnown = false;
            LogStepped(measurement.ServerTime, ClusterClockRules.Quarantine);
        }
    }

    /// <summary>A database that is away would otherwise say so every few seconds.</summary>
    private void LogChanges(Exception? fault)
    {
        if (fault is not null && _isAnswered)
        {
            LogUnanswered(fault);
        }

        _isAnswered = fault is null;
        var reading = Read();
        if (reading is { } known && !_isKnown)
        {
            LogKnown(known.Latest - known.Earliest);
        }
        else if (reading is null && _isKnown)
        {
            LogUnknown();
        }

        _isKnown = reading is not null;
    }
}
