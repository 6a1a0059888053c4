using Orleans.Concurrency;

namespace OrleansPatterns.Sagas;

/// <summary>One saga. Daily work goes through <see cref="ISagaClient"/>; this is what that is made of.</summary>
/// <remarks>
/// Every change is durable before it is answered. Every method may be repeated when its answer was lost. No method waits for a step.
/// Get it with <see cref="SagaGrainFactoryExtensions.GetSagaGrain"/>.
/// </remarks>
[Alias("OrleansPatterns.ISagaGrain")]
public interface ISagaGrain : IGrainWithStringKey
{
    /// <summary>Starts the saga, unless it exists.</summary>
    /// <param name="start">Definition and data.</param>
    /// <exception cref="ArgumentException">A member of <paramref name="start"/> is missing.</exception>
    /// <exception cref="SagaDataTooLargeException">The data is over the silo's bound. Nothing was written.</exception>
    [Alias("Start")]
    Task<SagaStartReply> StartAsync(SagaStart start);

    /// <summary>The saga as last known to be durable on this silo; <see langword="null"/>: there is none.</summary>
    [AlwaysInterleave]
    [Alias("GetStatus")]
    Task<SagaStatus?> GetStatusAsync();

    /// <summary>What the saga did so far; <see langword="null"/>: there is none.</summary>
    [AlwaysInterleave]
    [Alias("GetHistory")]
    Task<SagaHistory?> GetHistoryAsync();

    /// <summary>What the saga came to; <see langword="null"/>: there is none.</summary>
    [AlwaysInterleave]
    [Alias("GetOutput")]
    Task<SagaOutput?> GetOutputAsync();

    /// <summary>
    /// Returns the status when the saga has ended, see <see cref="SagaStatus.HasEnded"/>, or after <paramref name="slice"/>; also earlier.
    /// </summary>
    /// <param name="slice">Greater than zero, at most 10 seconds, so that it ends well within Orleans' response timeout.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The status, ended or not; <see langword="null"/>: there is no such saga.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The slice is outside its bounds.</exception>
    [AlwaysInterleave]
    [Alias("Wait")]
    Task<SagaStatus?> WaitAsync(TimeSpan slice, CancellationToken cancellationToken = default);

    /// <summary>Gives the saga a signal.</summary>
    /// <param name="signal">The signal.</param>
    /// <exception cref="ArgumentException">A member of <paramref name="signal"/> is missing.</exception>
    [Alias("Signal")]
    Task<SagaSignalReply> SignalAsync(SagaSignal signal);

    /// <summary>Turns a saga that is going forward round, to undo what it has done.</summary>
    [Alias("Cancel")]
    Task<SagaCancelReply> CancelAsync();

    /// <summary>Does what an operator decided.</summary>
    /// <param name="intervention">The decision.</param>
    /// <exception cref="ArgumentException">A member of <paramref name="intervention"/> is outside its bounds.</exception>
    [Alias("Intervene")]
    Task<SagaInterventionReply> InterveneAsync(SagaIntervention intervention);
}
