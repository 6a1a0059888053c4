using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansPatterns.Storage;

namespace OrleansPatterns.AspNetCore.HealthChecks;

/// <summary>Whether the database answers, and has the schema that this build knows.</summary>
/// <remarks>
/// A newer schema is no reason to take a process away: that is how it is in the middle of an update, and all old silos would go at once. It is said, as
/// none of them could be started again.
/// </remarks>
internal sealed class DatabaseCheck(IDatabaseProbe database, TimeProvider time, TimeSpan timeout) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var finding = await database.LookAsync(either.Token);
            return finding.Fit switch
            {
                DatabaseFit.Fits => HealthCheckResult.Healthy(finding.Description),
                DatabaseFit.IsNewer => HealthCheckResult.Degraded(finding.Description),
                _ => HealthCheckResult.Unhealthy(finding.Description, finding.Fault),
            };
        }
        catch (Exception exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy(
                string.Create(CultureInfo.InvariantCulture, $"The database did not answer within {timeout.TotalSeconds:0.###} s."), exception);
        }
    }
}
