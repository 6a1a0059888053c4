using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>The ways in which an endpoint writes a response, all of them into the capture.</summary>
internal sealed class CapturedResponseBody(ResponseCapture capture, IHttpResponseBodyFeature response) : IHttpResponseBodyFeature
{
    private readonly StreamResponseBodyFeature _captured = new(capture);
    private bool _hasWriter;

    public Stream Stream => capture;

    /// <remarks>A stream's writer does not flush when it has nothing to write; one that streams sends its headers so.</remarks>
    public PipeWriter Writer
    {
        get
        {
            if (capture.IsThrough && !_hasWriter)
            {
                return response.Writer;
            }

            _hasWriter = true;
            return _captured.Writer;
        }
    }

    public void DisableBuffering()
    {
        capture.PassOn(PassedOn.Streamed);
        response.DisableBuffering();
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        _captured.SendFileAsync(path, offset, count, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken = default) => capture.FlushAsync(cancellationToken);

    public Task CompleteAsync() => _captured.CompleteAsync();

    /// <summary>Takes what the endpoint wrote to the writer and did not flush.</summary>
    internal async Task EndAsync()
    {
        await _captured.CompleteAsync();
        await capture.FlushAsync();
    }
}
