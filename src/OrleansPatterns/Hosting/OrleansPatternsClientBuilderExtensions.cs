using OrleansPatterns.Hosting;

namespace Orleans.Hosting;

/// <summary>Adds the five patterns to an Orleans client.</summary>
public static class OrleansPatternsClientBuilderExtensions
{
    /// <summary>
    /// Registers the injectable services of all five patterns. The cluster that the client connects to must have called
    /// <c>AddOrleansPatterns()</c> on its silos.
    /// </summary>
    /// <remarks>Calling it twice is harmless. Options are set through <c>services.Configure&lt;LockOptions&gt;(...)</c> and so on.</remarks>
    /// <param name="client">The client under construction.</param>
    /// <returns>The same builder.</returns>
    public static IClientBuilder AddOrleansPatterns(this IClientBuilder client)
    {
        ArgumentNullException.ThrowIfNull(client);
        client.Services.AddPatternClients();
        return client;
    }
}
