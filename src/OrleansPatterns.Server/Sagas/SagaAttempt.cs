namespace OrleansPatterns.Server.Sagas;

#pragma warning disable CA1001 // Sources without timers and wait handles hold nothing to release, and may be fired after the end.
/// <summary>An attempt that an activation has under way.</summary>
internal sealed class SagaAttempt
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Fires when the activation ends: the attempt is cut off, unless it is through already, and begun again elsewhere.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>Fires when the step is asked to end, for whatever reason.</summary>
    internal CancellationToken Ending => _ending.Token;

    /// <summary>Whether nothing more will come of it: it has answered, was cut off, or could not get its answer through.</summary>
    internal bool IsFinished => _running.IsCompleted;

    internal void Track(Task running) => _running = running;

    /// <summary>Cuts the attempt off, and asks the step to end.</summary>
    internal void Stop()
    {
        _ = _stopping.CancelAsync();
        End();
    }

    /// <summary>Asks the step to end: its time is up, or the saga turns round, in which case what it answers still counts.</summary>
    /// <remarks>What the step registered with its token runs on the thread pool, so that it cannot hold up the grain or throw into it.</remarks>
    internal void End() => _ = _ending.CancelAsync();
}
