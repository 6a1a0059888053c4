namespace OrleansPatterns.Testing;

/// <summary>How a <see cref="PatternsTestCluster"/> is made.</summary>
public sealed class PatternsTestClusterOptions
{
    /// <summary>How many silos there are at the beginning.</summary>
    /// <value>Default 2, so that grains and callers are as apart as in production. 1 to 16.</value>
    public int Silos { get; set; } = 2;

    /// <summary>Whether silos and client go by the real clock, which nobody can move.</summary>
    /// <value>Default <see langword="false"/>: they go by <see cref="PatternsTestCluster.Time"/>.</value>
    public bool UseRealTime { get; set; }

    internal Action<ISiloBuilder>? Silo { get; private set; }

    internal Action<IClientBuilder>? Client { get; private set; }

    /// <summary>Adds to every silo, those started later too: sagas, services, options, storage of your own grains. After what the patterns need.</summary>
    /// <param name="configure">Configures one silo; called once for each.</param>
    /// <returns>The same options.</returns>
    public PatternsTestClusterOptions ConfigureSilo(Action<ISiloBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Silo += configure;
        return this;
    }

    /// <summary>Adds to the cluster's client: services, options. After what the patterns need.</summary>
    /// <param name="configure">Configures the client.</param>
    /// <returns>The same options.</returns>
    public PatternsTestClusterOptions ConfigureClient(Action<IClientBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Client += configure;
        return this;
    }
}
