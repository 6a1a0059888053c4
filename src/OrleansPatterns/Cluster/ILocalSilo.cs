namespace OrleansPatterns.Cluster;

/// <summary>The silo in this process. Not registered in a client.</summary>
internal interface ILocalSilo
{
    /// <summary>What the silo is, as far as it has been told.</summary>
    SiloStatus Status { get; }
}
