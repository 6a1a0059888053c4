using Microsoft.Extensions.Options;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

internal sealed class HttpIdempotencyOptionsValidator : IValidateOptions<HttpIdempotencyOptions>
{
    private const int RequestBytesCeiling = 64 * 1024 * 1024;
    private const string ProxyPrefix = "Proxy-";
    private static readonly TimeSpan MaxWaitForResult = TimeSpan.FromMinutes(10);
    private static readonly string[] SafeMethods = ["GET", "HEAD", "OPTIONS", "TRACE"];

    private static readonly string[] NeverReplayed =
    [
        "Authentication-Info", "Authorization", "Connection", "Content-Length", "Date", StoredResponse.ReplayedHeader, "Keep-Alive", "Retry-After",
        "Set-Cookie", "TE", "traceparent", "tracestate", "Trailer", "Transfer-Encoding", "Upgrade", "WWW-Authenticate",
    ];

    public ValidateOptionsResult Validate(string? name, HttpIdempotencyOptions options)
    {
        var faults = new List<string>();
        if (options.Methods.Count == 0)
        {
            faults.Add("HttpIdempotencyOptions.Methods is empty; it must have at least one method. To protect nothing, leave WithIdempotency() out.");
        }

        faults.AddRange(SafeMethods
            .Where(options.Methods.Contains)
            .Select(method => $"HttpIdempotencyOptions.Methods has {method}; it must not have a safe method, which changes nothing."));

        if (options.WaitForResult < TimeSpan.Zero || options.WaitForResult > MaxWaitForResult)
        {
            faults.Add($"HttpIdempotencyOptions.WaitForResult is {options.WaitForResult}; it must be {TimeSpan.Zero} to {MaxWaitForResult}.");
        }

        if (options.OnServerError is not (OnFailure.Forget or OnFailure.Remember))
        {
            faults.Add($"HttpIdempotencyOptions.OnServerError is {options.OnServerError}; it must be Forget or Remember.");
        }

        if (options.OnAbandoned is not (null or OnAbandoned.Retry or OnAbandoned.Park))
        {
            faults.Add($"HttpIdempotencyOptions.OnAbandoned is {options.OnAbandoned}; it must be Retry, Park or null.");
        }

        // That it is at least the lease is checked against the store's options, when the endpoint is built.
        if (options.Retention < BeginRequest.MinLease || options.Retention > BeginRequest.MaxRetention)
        {
            faults.Add(
                $"HttpIdempotencyOptions.Retention is {options.Retention}; it must be null, or at least IdempotencyOptions.Lease and at most {BeginRequest.MaxRetention}.");
        }

        if (options.MaxRequestBytes is < 1 or > RequestBytesCeiling)
        {
            faults.Add($"HttpIdempotencyOptions.MaxRequestBytes is {options.MaxRequestBytes}; it must be 1 to {RequestBytesCeiling}.");
        }

        if (options.MaxResponseBytes is < 1 or > CompleteRequest.ResultBytesCeiling)
        {
            faults.Add($"HttpIdempotencyOptions.MaxResponseBytes is {options.MaxResponseBytes}; it must be null or 1 to {CompleteRequest.ResultBytesCeiling}.");
        }

        faults.AddRange(NeverReplayed
            .Where(options.ReplayedHeaders.Contains)
            .Concat(options.ReplayedHeaders.Where(static header => header.StartsWith(ProxyPrefix, StringComparison.OrdinalIgnoreCase)))
            .Select(header => $"HttpIdempotencyOptions.ReplayedHeaders has {header}; it must not be replayed."));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
