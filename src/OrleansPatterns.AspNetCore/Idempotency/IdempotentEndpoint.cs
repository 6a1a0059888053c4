using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>One endpoint that runs once for each key. Also the endpoint metadata that says so.</summary>
internal sealed partial class IdempotentEndpoint
{
    private readonly RequestDelegate _next;
    private readonly string _route;
    private readonly IIdempotencyStore _store;
    private readonly HttpIdempotencyOptions _options;
    private readonly int _maxResponseBytes;
    private readonly ILogger _logger;

    public IdempotentEndpoint(
        RequestDelegate next,
        string route,
        IIdempotencyStore store,
        IOptions<HttpIdempotencyOptions> options,
        IOptions<IdempotencyOptions> storeOptions,
        ILogger<IdempotentEndpoint> logger)
    {
        // Here and not on start: WithIdempotency() alone is to be enough, so nothing of ours is registered in the application.
        if (new HttpIdempotencyOptionsValidator().Validate(null, options.Value) is { Failed: true } invalid)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(HttpIdempotencyOptions), invalid.Failures);
        }

        _next = next;
        _route = route;
        _store = store;
        _options = options.Value;
        _maxResponseBytes = storeOptions.Value.MaxResultBytes;
        _logger = logger;
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (IsSafe(context.Request.Method))
        {
            await _next(context);
            return;
        }

        if (!IdempotencyKeyHeader.TryRead(context.Request.Headers[IdempotencyKeyHeader.Name], out var key, out var fault))
        {
            await IdempotencyProblem.BadKey(fault).WriteAsync(context);
            return;
        }

        using var body = await RequestBody.BufferAsync(context.Request, _options.MaxRequestBytes);
        if (body is null)
        {
            await IdempotencyProblem.BodyTooLarge(_options.MaxRequestBytes).WriteAsync(context);
            return;
        }

        IdempotencyBeginning beginning;
        try
        {
            // While it only waits it may stop when the client is gone.
            beginning = await _store.BeginAsync(
                new IdempotencyKey(RequestIdentity.Scope(context, _route), key),
                RequestIdentity.Fingerprint(context.Request, body.GetBuffer().AsSpan(0, (int)body.Length)),
                context.RequestAborted);
        }
        catch (Exception exception) when (IdempotencyProblem.For(exception) is not null)
        {
            await IdempotencyProblem.For(exception)!.WriteAsync(context);
            return;
        }

        if (!beginning.IsStarted)
        {
            await StoredResponse.Decode(beginning.Result).ReplayAsync(context);
            return;
        }

        await using var execution = beginning.Execution;
        await ExecuteAsync(context, body, execution);
    }

    private static bool IsSafe(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    private async Task ExecuteAsync(HttpContext context, MemoryStream body, IdempotentExecution execution)
    {
        var headersBefore = context.Response.Headers.ToArray();
        await using var capture = new ResponseCapture(context.Response.Body, _maxResponseBytes);
        try
        {
            await RunCapturedAsync(context, body, capture, execution.LostToken);
            if (capture.IsPassedOn)
            {
                LogResponseTooLarge(_route, _maxResponseBytes);
                return;
            }

            if (await RecordAsync(context, capture, execution) is { } refusal)
            {
                // The endpoint's response must not be sent: another one may count.
                Reset(context.Response, headersBefore);
                await refusal.WriteAsync(context);
                return;
            }
        }
        catch (OperationCanceledException exception) when (execution.LostToken.IsCancellationRequested && !context.Response.HasStarted)
        {
            LogCancelled(exception, _route, execution.ExecutionToken);
            Reset(context.Response, headersBefore);
            await IdempotencyProblem.For(new IdempotencyExecutionLostException(execution.Key, execution.ExecutionToken))!.WriteAsync(context);
            return;
        }

        await SendAsync(context, capture);
    }

    /// <summary>
    /// Runs the endpoint on the buffered body, its response captured and its abort token replaced, so that a client that hangs up
    /// does not leave the work half done.
    /// </summary>
    private async Task RunCapturedAsync(HttpContext context, MemoryStream body, ResponseCapture capture, CancellationToken lost)
    {
        var clientAborted = context.RequestAborted;
        var realRequestBody = context.Request.Body;
        var realResponse = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var captured = new StreamResponseBodyFeature(capture, realResponse);
        context.Request.Body = body;
        context.Features.Set<IHttpResponseBodyFeature>(captured);
        context.RequestAborted = lost;
        try
        {
            await _next(context);

            // What the endpoint wrote to the PipeWriter and did not flush.
            await captured.CompleteAsync();
        }
        finally
        {
            context.RequestAborted = clientAborted;
            context.Features.Set(realResponse);
            context.Request.Body = realRequestBody;
            captured.Dispose();
        }
    }

    /// <summary>Before the client sees the response, the store has it, or the key is free: a repetition that follows at once finds it so.</summary>
    /// <returns>What to send instead of the response; <see langword="null"/>: send it.</returns>
    private async Task<IdempotencyProblem?> RecordAsync(HttpContext context, ResponseCapture capture, IdempotentExecution execution)
    {
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            await execution.DisposeAsync();
            return null;
        }

        var encoded = StoredResponse.Take(context.Response, _options.ReplayedHeaders, capture.Captured).Encode();
        if (encoded.Length > _maxResponseBytes)
        {
            LogResponseTooLarge(_route, _maxResponseBytes);
            await execution.DisposeAsync();
            return null;
        }

        try
        {
            await execution.CompleteAsync(encoded, CancellationToken.None);
            return null;
        }
        catch (Exception exception) when (IdempotencyProblem.For(exception) is not null)
        {
            return IdempotencyProblem.For(exception);
        }
    }

    private static async Task SendAsync(HttpContext context, ResponseCapture capture)
    {
        if (capture.Captured.IsEmpty)
        {
            return;
        }

        try
        {
            await context.Response.Body.WriteAsync(capture.Captured, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client hung up. Its repetition gets the response.
        }
    }

    /// <summary>Takes back what the endpoint set, and leaves what middleware before it had set, such as CORS headers.</summary>
    private static void Reset(HttpResponse response, KeyValuePair<string, StringValues>[] headersBefore)
    {
        response.Clear();
        foreach (var (name, values) in headersBefore)
        {
            response.Headers[name] = values;
        }
    }

    [LoggerMessage(4201, LogLevel.Warning, "The response of '{Route}' is over {MaxBytes} bytes; it was passed on and is not remembered, so a repetition runs again.")]
    private partial void LogResponseTooLarge(string route, int maxBytes);

    [LoggerMessage(4202, LogLevel.Warning, "The request to '{Route}' was cancelled because execution {ExecutionToken} was lost.")]
    private partial void LogCancelled(Exception exception, string route, long executionToken);
}
