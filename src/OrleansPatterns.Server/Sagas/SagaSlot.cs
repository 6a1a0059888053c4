namespace OrleansPatterns.Server.Sagas;

/// <summary>A saga's place among those that run in a silo, or in the line for one. Belongs to an activation, and goes with it.</summary>
internal sealed class SagaSlot(SagaThrottle.Room room, Action onGranted) : IDisposable
{
    private bool _isDisposed;

    internal bool IsGranted { get; set; }

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            room.Leave(this);
        }
    }

    internal void Tell() => onGranted();
}
