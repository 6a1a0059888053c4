using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>Refuses requests outside their bounds before anything is decided. Our client never sends such; other callers of the grain may.</summary>
internal static class IdempotencyRequests
{
    internal static void Check(BeginRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.RequestId == Guid.Empty)
        {
            throw new ArgumentException("RequestId is empty; give every execution a Guid of its own.", nameof(request));
        }

        CheckFingerprint(request.Fingerprint, nameof(request));
        if (request.Lease < BeginRequest.MinLease || request.Lease > BeginRequest.MaxLease)
        {
            throw new ArgumentException($"Lease is {request.Lease}; it must be {BeginRequest.MinLease} to {BeginRequest.MaxLease}.", nameof(request));
        }

        if (request.Retention < request.Lease || request.Retention > BeginRequest.MaxRetention)
        {
            throw new ArgumentException(
                $"Retention is {request.Retention}; it must be at least Lease ({request.Lease}) and at most {BeginRequest.MaxRetention}.", nameof(request));
        }

        if (request.OnAbandoned is not (OnAbandoned.Retry or OnAbandoned.Park))
        {
            throw new ArgumentException($"OnAbandoned is {request.OnAbandoned}; it must be Retry or Park.", nameof(request));
        }
    }

    internal static void Check(CompleteRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckRetention(request.Retention, nameof(request));
        if (request.Result?.Length > CompleteRequest.ResultBytesCeiling)
        {
            throw new ArgumentException(
                $"Result has {request.Result.Length} bytes; it must have at most {CompleteRequest.ResultBytesCeiling}.", nameof(request));
        }

        if (request.OmittedResultBytes < 0 || (request.Result is null) != (request.OmittedResultBytes > 0))
        {
            throw new ArgumentException(
                $"OmittedResultBytes is {request.OmittedResultBytes}; it must be greater than zero where Result is null, and zero where it is not.",
                nameof(request));
        }
    }

    internal static void Check(FailRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckRetention(request.Retention, nameof(request));
        ArgumentNullException.ThrowIfNull(request.Failure, nameof(request));
        IdempotencyFailureBounds.Check(request.Failure, nameof(request));
    }

    internal static void Check(SealRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckRetention(request.Retention, nameof(request));
    }

    internal static void CheckFingerprint(string? fingerprint, string parameterName)
    {
        if (string.IsNullOrEmpty(fingerprint) || fingerprint.Length > BeginRequest.MaxFingerprintLength)
        {
            throw new ArgumentException(
                $"Fingerprint has {fingerprint?.Length ?? 0} characters; it must have 1 to {BeginRequest.MaxFingerprintLength}.", parameterName);
        }
    }

    private static void CheckRetention(TimeSpan retention, string parameterName)
    {
        if (retention <= TimeSpan.Zero || retention > BeginRequest.MaxRetention)
        {
            throw new ArgumentException(
                $"Retention is {retention}; it must be greater than zero and at most {BeginRequest.MaxRetention}.", parameterName);
        }
    }
}
