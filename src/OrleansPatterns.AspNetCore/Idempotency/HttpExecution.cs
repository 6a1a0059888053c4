using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>One request that has begun the execution of its key: runs it, records the response, then sends it.</summary>
internal sealed partial class HttpExecution(
    HttpContext context, string route, IdempotentExecution execution, HttpIdempotencyOptions options, int maxResponseBytes, ILogger logger)
{
    private readonly KeyValuePair<string, StringValues>[] _headersBefore = [.. context.Response.Headers];

    /// <summary>The disposal of the execution, by the caller, frees the key where nothing has been recorded here.</summary>
    internal async Task RunAsync(RequestDelegate next, MemoryStream body)
    {
        var response = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var clientAborted = context.RequestAborted;
        var hangUp = default(CancellationTokenRegistration);

        // A client that hangs up is not to leave the work half done; a time limit that the application has set is.
        var timeout = context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken ?? CancellationToken.None;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(execution.LostToken, timeout);
        await using var capture = new ResponseCapture(context.Response, response.Stream, maxResponseBytes, reason =>
        {
            // Nobody will ever be given this response again, so when its reader is gone it ends, as any other does. It may have no other end.
            hangUp = clientAborted.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), stop);
            LogPassedOn(reason);
        });
        try
        {
            await RunCapturedAsync(next, body, new CapturedResponseBody(capture, response), response, stop.Token);
        }
        catch (OperationCanceledException exception) when (execution.LostToken.IsCancellationRequested && !capture.IsPassedOn)
        {
            LogCancelled(logger, exception, route, execution.ExecutionToken);
            await RefuseAsync(IdempotencyProblem.For(new IdempotencyExecutionLostException(execution.Key, execution.ExecutionToken))!);
            return;
        }
        catch (Exception exception)
        {
            await RecordAsync(exception, capture);
            throw;
        }
        finally
        {
            await hangUp.DisposeAsync();
        }

        if (capture.IsPassedOn)
        {
            return;
        }

        if (await RecordAsync(capture.Captured) is { } refusal)
        {
            await RefuseAsync(refusal);
            return;
        }

        await SendAsync(capture.Captured);
    }

    private async Task RunCapturedAsync(
        RequestDelegate next, MemoryStream body, CapturedResponseBody captured, IHttpResponseBodyFeature response, CancellationToken stop)
    {
        var (requestBody, clientAborted) = (context.Request.Body, context.RequestAborted);
        context.Request.Body = body;
        context.Features.Set<IHttpResponseBodyFeature>(captured);
        context.RequestAborted = stop;
        try
        {
            await next(context);
            await captured.EndAsync();
        }
        finally
        {
            context.RequestAborted = clientAborted;
            context.Features.Set(response);
            context.Request.Body = requestBody;
        }
    }

    /// <summary>Before the client sees the response, the store has it, or the key is free: a repetition that follows at once finds it so.</summary>
    /// <returns>What to send instead of the response; <see langword="null"/>: send it.</returns>
    private async Task<IdempotencyProblem?> RecordAsync(ReadOnlyMemory<byte> body)
    {
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError && options.OnServerError == OnFailure.Forget)
        {
            await execution.DisposeAsync();
            return null;
        }

        var encoded = StoredResponse.Take(context.Response, options.ReplayedHeaders, body).Encode();
        if (WhyNotKept(encoded.Length) is { } reason)
        {
            LogPassedOn(reason);
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

    private PassedOn? WhyNotKept(int encodedBytes) =>
        encodedBytes > maxResponseBytes ? PassedOn.TooLarge
        : context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { Count: > 0 } ? PassedOn.HasTrailers
        : null;

    /// <summary>The exception goes on to the application's own handling, whatever becomes of the key.</summary>
    private async Task RecordAsync(Exception exception, ResponseCapture capture)
    {
        var isClientsFault = exception is BadHttpRequestException { StatusCode: < StatusCodes.Status500InternalServerError };
        if (options.OnServerError == OnFailure.Forget || capture.IsPassedOn || isClientsFault)
        {
            await execution.DisposeAsync();
            return;
        }

        try
        {
            await execution.FailAsync(IdempotencyFailure.Of(exception), CancellationToken.None);
        }
        catch (Exception refusal) when (IdempotencyProblem.For(refusal) is not null)
        {
            LogFailureNotRecorded(logger, refusal, route, execution.ExecutionToken);
        }
    }

    /// <summary>
    /// The endpoint's response must not be sent: another one may count. Takes back what the endpoint set, and leaves what middleware before it had
    /// set, such as CORS headers.
    /// </summary>
    private Task RefuseAsync(IdempotencyProblem refusal)
    {
        context.Response.Clear();
        foreach (var (name, values) in _headersBefore)
        {
            context.Response.Headers[name] = values;
        }

        return refusal.WriteAsync(context);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return;
        }

        try
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client hung up. Its repetition gets the response.
        }
    }

    private void LogPassedOn(PassedOn reason)
    {
        switch (reason)
        {
            case PassedOn.TooLarge:
                LogTooLarge(logger, route, maxResponseBytes);
                break;
            case PassedOn.Streamed:
                LogStreamed(logger, route);
                break;
            case PassedOn.HasTrailers:
                LogHasTrailers(logger, route);
                break;
        }
    }
}
