using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>A key to look at.</summary>
internal sealed record IdempotencyView(
    string Scope, string Key, IdempotencyPhase Phase, long ExecutionToken, DateTimeOffset? ExpiresAt, DateTimeOffset? CompletedAt, int ResultBytes, string? Failure)
{
    internal static IdempotencyView Of(IdempotencyKey key, IdempotencyStatus status) => new(
        key.Scope,
        key.Key,
        status.Phase,
        status.ExecutionToken,
        status.ExpiresAt,
        status.CompletedAt,
        status.ResultBytes,
        status.Failure is { } failure ? $"{failure.Type}: {failure.Message}" : null);
}
