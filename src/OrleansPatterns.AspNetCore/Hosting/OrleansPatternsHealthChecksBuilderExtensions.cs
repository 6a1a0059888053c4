using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansPatterns.AspNetCore.HealthChecks;
using OrleansPatterns.Storage;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health checks for processes with a silo or an Orleans client.</summary>
public static class OrleansPatternsHealthChecksBuilderExtensions
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Adds what tells whether this process can do its work, and whether it is any use at all.</summary>
    /// <remarks>
    /// <para><c>orleanspatterns-cluster</c>, tagged <c>ready</c>: the cluster answers; a silo must be an active member.</para>
    /// <para><c>orleanspatterns-database</c>, tagged <c>ready</c>, where <c>UsePostgres</c> was called: the database answers, and has the schema that this
    /// build knows. It is Degraded with a newer one, which the silos of an update bring about.</para>
    /// <para><c>orleanspatterns-live</c>, tagged <c>live</c>: the silo of this process is not dead. It asks neither cluster nor database, so that no outage
    /// there makes an orchestrator end what will go on by itself afterwards. A client is live as long as its process answers.</para>
    /// <para>Map them with <c>app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") })</c>, and
    /// <c>live</c> likewise. Descriptions name no hosts, users or keys; what was thrown goes to the log.</para>
    /// <para>Calling it twice is harmless; the first timeout counts. The order of this, <c>UseOrleans</c> and <c>UsePostgres</c> does not matter.</para>
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="timeout">For how long each check may wait for an answer, more than zero; <see langword="null"/> (default): 3 seconds.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is zero or less.</exception>
    public static IHealthChecksBuilder AddOrleansPatterns(this IHealthChecksBuilder builder, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var within = timeout ?? DefaultTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(within, TimeSpan.Zero, nameof(timeout));
        builder.Services.AddOptions<HealthCheckServiceOptions>().Configure<IServiceProviderIsService>((checks, services) =>
        {
            checks.TryAdd<LivenessCheck>("orleanspatterns-live", "live");
            checks.TryAdd<ClusterCheck>("orleanspatterns-cluster", "ready", within);
            if (services.IsService(typeof(IDatabaseProbe)))
            {
                checks.TryAdd<DatabaseCheck>("orleanspatterns-database", "ready", within);
            }
        });
        return builder;
    }

    private static void TryAdd<TCheck>(this HealthCheckServiceOptions checks, string name, string tag, params object[] arguments)
        where TCheck : IHealthCheck
    {
        if (checks.Registrations.All(known => known.Name != name))
        {
            checks.Registrations.Add(new HealthCheckRegistration(
                name, services => ActivatorUtilities.CreateInstance<TCheck>(services, arguments), failureStatus: null, [tag]));
        }
    }
}
