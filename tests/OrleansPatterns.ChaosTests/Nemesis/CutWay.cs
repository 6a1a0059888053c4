namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>One of the two directions through a <see cref="CutProxy"/>, shared by all its connections and guarded by its gate.</summary>
internal sealed class CutWay : IDisposable
{
    private CancellationTokenSource _whileOpen = new();
    private bool _isCut;

    internal bool IsCut
    {
        get => _isCut;
        set
        {
            if (value == _isCut)
            {
                return;
            }

            _isCut = value;
            if (value)
            {
                _whileOpen.Cancel();
            }
            else
            {
                _whileOpen.Dispose();
                _whileOpen = new CancellationTokenSource();
            }
        }
    }

    /// <summary>Gives up what is on its way when the cut comes. Otherwise it would arrive amid the cut, as soon as a slow receiver has room for it.</summary>
    internal CancellationToken WhileOpen => _whileOpen.Token;

    public void Dispose() => _whileOpen.Dispose();
}
