using Microsoft.AspNetCore.Http;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Keeps what is written to a response. What is too large or streamed it hands on to the real response instead, from its first byte.</summary>
internal sealed class ResponseCapture(HttpResponse response, Stream body, int maxBytes, Action<PassedOn> passedOn) : Stream
{
    private const string EventStream = "text/event-stream";
    private readonly MemoryStream _captured = new();

    /// <summary>Whether the client is sent the response as it is written.</summary>
    internal bool IsPassedOn { get; private set; }

    /// <summary>Whether it is passed on and nothing written earlier is still here.</summary>
    internal bool IsThrough => IsPassedOn && _captured.Length == 0;

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
            SendCaptured();
            body.Write(buffer, offset, count);
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
            await SendCapturedAsync(cancellationToken);
            await body.WriteAsync(buffer, cancellationToken);
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
        if (MustPassOn(0))
        {
            SendCaptured();
            body.Flush();
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (MustPassOn(0))
        {
            await SendCapturedAsync(cancellationToken);
            await body.FlushAsync(cancellationToken);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    internal void PassOn(PassedOn reason)
    {
        if (!IsPassedOn)
        {
            IsPassedOn = true;
            passedOn(reason);
        }
    }

    private bool MustPassOn(int count)
    {
        if (response.ContentType?.StartsWith(EventStream, StringComparison.OrdinalIgnoreCase) == true)
        {
            PassOn(PassedOn.Streamed);
        }
        else if (_captured.Length + count > maxBytes)
        {
            PassOn(PassedOn.TooLarge);
        }
        else if (count > 0 && response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            // The server would refuse it as well, but only when the response is sent: after it has been recorded, and again at each replay.
            throw new InvalidOperationException($"A response with status {response.StatusCode} has no body, and the endpoint wrote one.");
        }

        return IsPassedOn;
    }

    private void SendCaptured()
    {
        if (_captured.Length > 0)
        {
            body.Write(Captured.Span);
            _captured.SetLength(0);
        }
    }

    private async Task SendCapturedAsync(CancellationToken cancellationToken)
    {
        if (_captured.Length > 0)
        {
            await body.WriteAsync(Captured, cancellationToken);
            _captured.SetLength(0);
        }
    }
}
