using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>A refusal, sent as problem details. The types are part of the contract: clients tell "wait" from "your mistake" by them.</summary>
internal sealed record IdempotencyProblem(int StatusCode, string Type, string Title, string Detail, TimeSpan? RetryAfter = null, bool IsReplay = false)
{
    private const string TypePrefix = "urn:orleanspatterns:idempotency:";

    /// <summary>After a lost execution or with the cluster away: soon, but not at once.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    internal static IdempotencyProblem KeyMissing { get; } = new(
        StatusCodes.Status400BadRequest,
        "key-missing",
        "An Idempotency-Key is required.",
        $"This operation needs the header {IdempotencyKeyHeader.Name}: a new unique value for each new operation, the same value in each repetition.");

    internal static IdempotencyProblem ResponseNotKept { get; } = new(
        StatusCodes.Status409Conflict,
        "response-not-kept",
        "The request was processed, but its response was not kept.",
        "The operation has taken effect and is not run again.");

    internal static IdempotencyProblem KeyMalformed(string fault) =>
        new(StatusCodes.Status400BadRequest, "key-malformed", "The Idempotency-Key is malformed.", fault);

    internal static IdempotencyProblem BodyTooLarge(int maxBytes) =>
        new(
            StatusCodes.Status413PayloadTooLarge,
            "request-too-large",
            "The request is too large.",
            $"The body of a request with an Idempotency-Key may have at most {maxBytes} bytes here.");

    /// <summary>The server could not read the body to its end, whether by the client's fault or by the line's.</summary>
    internal static IdempotencyProblem BodyUnreadable(IOException exception) => exception is BadHttpRequestException
    {
        StatusCode: StatusCodes.Status413PayloadTooLarge,
    }
        ? new(StatusCodes.Status413PayloadTooLarge, "request-too-large", "The request is too large.", "The body of the request is larger than the server accepts.")
        : new(
            (exception as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest,
            "request-unreadable",
            "The request could not be read.",
            "The body of the request broke off or is malformed. Nothing was done; repeat it with the same Idempotency-Key.");

    /// <summary>The refusal that an exception of the store stands for; <see langword="null"/>: none of ours.</summary>
    internal static IdempotencyProblem? For(Exception exception) => exception switch
    {
        IdempotencyInProgressException inProgress => new(
            StatusCodes.Status409Conflict,
            "in-progress",
            "A request with this Idempotency-Key is being processed.",
            "Repeat the same request later to get its response.",
            inProgress.RetryAfter),
        IdempotencyFingerprintMismatchException => new(
            StatusCodes.Status422UnprocessableEntity,
            "key-reused",
            "This Idempotency-Key was used for another request.",
            "Use a new key for a new operation; repeat an old one with the same method, path, query, content type and body."),
        IdempotencyParkedException => new(
            StatusCodes.Status409Conflict,
            "parked",
            "The outcome of the first request is unknown.",
            "The first request with this Idempotency-Key broke off, and whether it took effect has to be found out by an operator."),
        IdempotencySealedException => new(
            StatusCodes.Status409Conflict,
            "sealed",
            "The operation of this Idempotency-Key was given up.",
            "This request did nothing, and repetitions are refused as well. Use a new key for a new operation."),
        IdempotencyFailedException => new(
            StatusCodes.Status500InternalServerError,
            "failed",
            "The first request with this Idempotency-Key failed.",
            "Its failure is remembered, and the operation is not run again. Use a new key to try again.",
            IsReplay: true),
        IdempotencyResultTooLargeException => ResponseNotKept,
        IdempotencyExecutionLostException => new(
            StatusCodes.Status503ServiceUnavailable,
            "execution-lost",
            "The request was taken over by a repetition.",
            "Processing took too long without contact to the cluster. Repeat the same request to get the response that counts.",
            Soon),
        ClusterUnavailableException => new(
            StatusCodes.Status503ServiceUnavailable,
            "cluster-unavailable",
            "The outcome cannot be recorded at the moment.",
            "Whether the request took effect is unknown. Repeat it with the same Idempotency-Key.",
            Soon),
        _ => null,
    };

    internal Task WriteAsync(HttpContext context)
    {
        if (RetryAfter is { } retryAfter)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds));
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (IsReplay)
        {
            context.Response.Headers[StoredResponse.ReplayedHeader] = "true";
        }

        return TypedResults.Problem(Detail, statusCode: StatusCode, title: Title, type: TypePrefix + Type).ExecuteAsync(context);
    }
}
