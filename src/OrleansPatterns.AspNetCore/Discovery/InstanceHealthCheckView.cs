using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <param name="Kind">How the instance is asked.</param>
/// <param name="Target">Which of its further addresses; null: its address.</param>
/// <param name="LastError">What the last check found wrong; null: nothing.</param>
internal sealed record InstanceHealthCheckView(HealthCheckKind Kind, string? Target, string? LastError);
