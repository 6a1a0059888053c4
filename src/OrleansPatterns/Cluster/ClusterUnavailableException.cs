namespace OrleansPatterns.Cluster;

/// <summary>The cluster or its database did not answer in time. Whether the operation took effect is <em>unknown</em>.</summary>
/// <remarks>Every operation of the patterns may be repeated with the same ids; that is the way to find out.</remarks>
[GenerateSerializer, Alias("OrleansPatterns.ClusterUnavailableException")]
public sealed class ClusterUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="operation">What was tried, for instance <c>acquire lock 'sku-42'</c>.</param>
    /// <param name="triedFor">For how long it was tried.</param>
    /// <param name="innerException">What stood in the way at the last attempt.</param>
    public ClusterUnavailableException(string operation, TimeSpan triedFor, Exception innerException)
        : base(
            $"Could not {operation}: no answer from the cluster within {triedFor.TotalSeconds:0.#} s ({innerException.Message}). "
            + "Whether it took effect is unknown. Check that silos run and reach PostgreSQL, then repeat it.",
            innerException)
    {
        Operation = operation;
        TriedFor = triedFor;
    }

    /// <summary>What was tried.</summary>
    [Id(0)]
    public string Operation { get; }

    /// <summary>For how long it was tried.</summary>
    [Id(1)]
    public TimeSpan TriedFor { get; }
}
