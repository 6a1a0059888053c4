using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.AspNetCore.HealthChecks;

/// <summary>Whether there is any use in this process, or only a new one helps. Asks nobody: what is wrong elsewhere is no reason to end it.</summary>
/// <param name="silo">The silo here; <see langword="null"/>: the process is a client, which connects again by itself.</param>
internal sealed class LivenessCheck(ILocalSilo? silo = null) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(silo?.Status switch
        {
            null => HealthCheckResult.Healthy("An Orleans client runs here."),
            SiloStatus.Dead => HealthCheckResult.Unhealthy("The silo is dead: the cluster has given it up, and does not take it back."),
            var status => HealthCheckResult.Healthy($"The silo is {status}."),
        });
}
