namespace OrleansPatterns.Server.Sagas;

#pragma warning disable CA1001 // Sources without timers and wait handles hold nothing to release, and may be fired after the end.
/// <summary>An attempt that an activation has under way.</summary>
internal sealed class SagaAttempt
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cancelling = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Fires when the activation ends: the attempt is cut off, unless it is through already, and begun again elsewhere.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>Fires when the saga turns round: the step is asked to end, and what it answers still counts.</summary>
    internal CancellationToken Cancelling => _cancelling.Token;

    /// <summary>Whether nothing more will come of it: it has answered, was cut off, or could not get its answer through.</summary>
    internal bool IsFinished => _running.IsCompleted;

    internal void Track(Task running) => _running = running;

    // What the step registered with its token runs on the thread pool, so that it cannot hold up the grain or throw into it.
    internal void Stop() => _ = _stopping.CancelAsync();

    internal void Cancel() => _ = _cancelling.CancelAsync();
}
