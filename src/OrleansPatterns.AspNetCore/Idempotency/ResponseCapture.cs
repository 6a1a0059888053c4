namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Keeps what is written to a response, up to a limit. Beyond that it hands everything on to the real response instead.</summary>
internal sealed class ResponseCapture(Stream response, int maxBytes) : Stream
{
    private readonly MemoryStream _captured = new();

    /// <summary>Whether the limit was passed, so that the client has been sent part of the response.</summary>
    internal bool IsPassedOn { get; private set; }

    internal ReadOnlyMemory<byte> Captured => _captured.GetBuffer().AsMemory(0, (int)_captured.Length);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (MustPassOn(count))
        {
            PassOn();
            response.Write(buffer, offset, count);
        }
        else
        {
            _captured.Write(buffer, offset, count);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (MustPassOn(buffer.Length))
        {
            await PassOnAsync(cancellationToken);
            await response.WriteAsync(buffer, cancellationToken);
        }
        else
        {
            _captured.Write(buffer.Span);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>What is captured is not sent before it is recorded, even if the endpoint asks for it.</summary>
    public override void Flush()
    {
        if (IsPassedOn)
        {
            response.Flush();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        IsPassedOn ? response.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private bool MustPassOn(int count) => IsPassedOn || _captured.Length + count > maxBytes;

    private void PassOn()
    {
        if (!IsPassedOn)
        {
            IsPassedOn = true;
            response.Write(Captured.Span);
        }
    }

    private async Task PassOnAsync(CancellationToken cancellationToken)
    {
        if (!IsPassedOn)
        {
            IsPassedOn = true;
            await response.WriteAsync(Captured, cancellationToken);
        }
    }
}
