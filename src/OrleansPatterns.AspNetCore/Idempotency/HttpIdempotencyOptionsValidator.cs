using Microsoft.Extensions.Options;

namespace OrleansPatterns.AspNetCore.Idempotency;

internal sealed class HttpIdempotencyOptionsValidator : IValidateOptions<HttpIdempotencyOptions>
{
    private const int RequestBytesCeiling = 64 * 1024 * 1024;
    private static readonly string[] NeverReplayed = ["Connection", "Content-Length", "Date", "Set-Cookie", "Transfer-Encoding"];

    public ValidateOptionsResult Validate(string? name, HttpIdempotencyOptions options)
    {
        var faults = new List<string>();
        if (options.MaxRequestBytes is < 1 or > RequestBytesCeiling)
        {
            faults.Add($"HttpIdempotencyOptions.MaxRequestBytes is {options.MaxRequestBytes}; it must be 1 to {RequestBytesCeiling}.");
        }

        faults.AddRange(NeverReplayed
            .Where(options.ReplayedHeaders.Contains)
            .Select(header => $"HttpIdempotencyOptions.ReplayedHeaders has {header}; it must not be replayed."));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
