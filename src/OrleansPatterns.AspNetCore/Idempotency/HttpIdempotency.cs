using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Runs requests once for each key: what endpoints and controller actions have in common. One for each set of options.</summary>
internal sealed partial class HttpIdempotency
{
    private readonly HttpIdempotencyOptions _options;
    private readonly IdempotencyOptions _terms;
    private readonly IIdempotencyStore _store;
    private readonly IIdempotencyOperations? _operations;
    private readonly ILogger _logger;

    public HttpIdempotency(
        HttpIdempotencyOptions options,
        IIdempotencyStore store,
        IOptions<IdempotencyOptions> storeOptions,
        ILogger<HttpIdempotency> logger,
        IIdempotencyOperations? operations = null)
    {
        _options = options;
        _terms = options.Over(storeOptions.Value);
        _store = store;
        _operations = operations;
        _logger = logger;

        // Here and not only on start: WithIdempotency() alone is to be enough, and its own options exist only now. The terms are checked for what
        // can be wrong between the two kinds of options; the store has checked its own.
        var faults = new[] { new HttpIdempotencyOptionsValidator().Validate(null, options), new IdempotencyOptionsValidator().Validate(null, _terms) }
            .FirstOrDefault(result => result.Failed);
        if (faults is not null)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(HttpIdempotencyOptions), faults.Failures);
        }
    }

    /// <param name="context">The request.</param>
    /// <param name="route">The operation, the same in each repetition.</param>
    /// <param name="next">Carries it out.</param>
    public async Task InvokeAsync(HttpContext context, string route, RequestDelegate next)
    {
        var header = context.Request.Headers[IdempotencyKeyHeader.Name];
        if (!_options.Methods.Contains(context.Request.Method) || (header.Count == 0 && !_options.IsKeyRequired))
        {
            await next(context);
            return;
        }

        if (header.Count == 0)
        {
            await IdempotencyProblem.KeyMissing.WriteAsync(context);
            return;
        }

        if (!IdempotencyKeyHeader.TryRead(header, out var key, out var fault))
        {
            await IdempotencyProblem.KeyMalformed(fault).WriteAsync(context);
            return;
        }

        MemoryStream? body;
        try
        {
            body = await RequestBody.BufferAsync(context.Request, _options.MaxRequestBytes);
        }
        catch (IOException exception)
        {
            await IdempotencyProblem.BodyUnreadable(exception).WriteAsync(context);
            return;
        }

        if (body is null)
        {
            await IdempotencyProblem.BodyTooLarge(_options.MaxRequestBytes).WriteAsync(context);
            return;
        }

        await AnswerAsync(context, route, next, new IdempotencyKey(RequestScope.Of(context, route, _options.ScopeOf?.Invoke(context)), key), body);
    }

    private async Task AnswerAsync(HttpContext context, string route, RequestDelegate next, IdempotencyKey key, MemoryStream body)
    {
        var fingerprint = await HttpRequestFingerprint.OfAsync(context.Request, body.GetBuffer().AsMemory(0, (int)body.Length));
        IdempotencyBeginning beginning;
        try
        {
            // While it only waits it may stop when the client is gone.
            beginning = await _store.BeginAsync(key, fingerprint, _terms, context.RequestAborted);
        }
        catch (Exception exception) when (IdempotencyProblem.For(exception) is not null)
        {
            await IdempotencyProblem.For(exception)!.WriteAsync(context);
            return;
        }

        if (beginning.IsStarted)
        {
            await using var execution = beginning.Execution;
            try
            {
                // An application may bring a store of its own, and nothing beside it.
                await (_operations?.ThrowIfSealedAsync(key.Key, context.RequestAborted) ?? Task.CompletedTask);
            }
            catch (IdempotencySealedException exception)
            {
                await IdempotencyProblem.For(exception)!.WriteAsync(context);
                return;
            }

            await new HttpExecution(context, route, execution, _options, _terms.MaxResultBytes, _logger).RunAsync(next, body);
        }
        else if (StoredResponse.TryDecode(beginning.Result) is { } response)
        {
            await response.ReplayAsync(context);
        }
        else
        {
            LogNoResponse(route, key.Key);
            await IdempotencyProblem.ResponseNotKept.WriteAsync(context);
        }
    }

    [LoggerMessage(
        4206, LogLevel.Warning,
        "What is remembered for key '{Key}' of '{Route}' is no response that this version can read; an operator or a newer version has written it.")]
    private partial void LogNoResponse(string route, string key);
}
