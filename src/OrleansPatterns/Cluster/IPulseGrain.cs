namespace OrleansPatterns.Cluster;

/// <summary>Answers. In a silo the silo itself does, to a client the silo that it is connected with.</summary>
[Alias("OrleansPatterns.IPulseGrain")]
internal interface IPulseGrain : IGrainWithIntegerKey
{
    /// <summary>Returns, without having read or written anything.</summary>
    [Alias("Beat")]
    Task BeatAsync();
}
