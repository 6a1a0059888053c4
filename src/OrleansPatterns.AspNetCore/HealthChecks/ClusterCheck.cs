using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.AspNetCore.HealthChecks;

/// <summary>Whether the cluster answers this process: a silo that it is a member itself, and runs grains; a client that a silo does.</summary>
/// <param name="grains">The way to the cluster.</param>
/// <param name="time">Measures the timeout.</param>
/// <param name="timeout">For how long to wait.</param>
/// <param name="silo">The silo here; <see langword="null"/>: the process is a client.</param>
internal sealed class ClusterCheck(IGrainFactory grains, TimeProvider time, TimeSpan timeout, ILocalSilo? silo = null) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (silo is { Status: not SiloStatus.Active and var status })
        {
            return HealthCheckResult.Unhealthy($"The silo is {status}: it takes no part in the cluster now.");
        }

        try
        {
            var beat = grains.GetGrain<IPulseGrain>(0).BeatAsync();
            beat.Ignore();
            await beat.WaitAsync(timeout, time, cancellationToken);
            return HealthCheckResult.Healthy("The cluster answers.");
        }
        catch (TimeoutException exception)
        {
            return HealthCheckResult.Unhealthy(
                string.Create(CultureInfo.InvariantCulture, $"The cluster did not answer within {timeout.TotalSeconds:0.###} s."), exception);
        }
        catch (ArgumentException exception)
        {
            // By that Orleans says that no silo has the grain, as far as this process has heard.
            return HealthCheckResult.Unhealthy("No silo of the cluster is known to have called AddOrleansPatterns.", exception);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"The cluster cannot be reached ({exception.GetType().Name}).", exception);
        }
    }
}
