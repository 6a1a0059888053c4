namespace OrleansPatterns.Cluster;

/// <summary>How clients of the patterns call the cluster.</summary>
public sealed class ClusterCallOptions
{
    /// <summary>How long one attempt may take before it is given up and made again.</summary>
    /// <remarks>A silo that was killed answers nobody; a shorter time finds another silo sooner, a longer one bears a slow database.</remarks>
    /// <value>Default 5 seconds. Greater than zero, at most <see cref="RetryFor"/>.</value>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call is repeated, in all, before <see cref="ClusterUnavailableException"/> is thrown.</summary>
    /// <value>Default 30 seconds. Greater than zero, at most 10 minutes.</value>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(30);
}
