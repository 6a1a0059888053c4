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

        if (string.IsNullOrEmpty(request.Fingerprint) || request.Fingerprint.Length > BeginRequest.MaxFingerprintLength)
        {
            throw new ArgumentException(
                $"Fingerprint has {request.Fingerprint?.Length ?? 0} characters; it must have 1 to {BeginRequest.MaxFingerprintLength}.", nameof(request));
        }

        if (request.Lease < BeginRequest.MinLease || request.Lease > BeginRequest.MaxLease)
        {
            throw new ArgumentException($"Lease is {request.Lease}; it must be {BeginRequest.MinLease} to {BeginRequest.MaxLease}.", nameof(request));
        }

        if (request.Retention < request.Lease || request.Retention > BeginRequest.MaxRetention)
        {
            throw new ArgumentException(
                $"Retention is {request.Retention}; it must be at least Lease ({request.Lease}) and at most {BeginRequest.MaxRetention}.", nameof(request));
        }

        if (request.OnExecutorLost is not (OnExecutorLost.Rerun or OnExecutorLost.Park))
        {
            throw new ArgumentException($"OnExecutorLost is {request.OnExecutorLost}; it must be Rerun or Park.", nameof(request));
        }
    }

    internal static void Check(CompleteRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Retention <= TimeSpan.Zero || request.Retention > BeginRequest.MaxRetention)
        {
            throw new ArgumentException(
                $"Retention is {request.Retention}; it must be greater than zero and at most {BeginRequest.MaxRetention}.", nameof(request));
        }

        if (request.OmittedResultBytes < 0 || (request.Result is null) != (request.OmittedResultBytes > 0))
        {
            throw new ArgumentException(
                $"OmittedResultBytes is {request.OmittedResultBytes}; it must be greater than zero where Result is null, and zero where it is not.",
                nameof(request));
        }
    }
}
