namespace OrleansPatterns.Discovery;

/// <summary>How an instance is picked among those that are to be called.</summary>
public enum LoadBalancing
{
    /// <summary>Not a policy; refused.</summary>
    None = 0,

    /// <summary>One after the other, for each service in this process. Weights are not looked at.</summary>
    RoundRobin = 1,

    /// <summary>Any, with equal chance. Weights are not looked at.</summary>
    Random = 2,

    /// <summary>
    /// Of two at random the one with fewer calls of this process under way, by weight. The default: nearly as even as asking all, at the cost of two
    /// (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
    /// </summary>
    PowerOfTwoChoices = 3,

    /// <summary>Any, with a chance in proportion to its weight.</summary>
    Weighted = 4,

    /// <summary>
    /// The same instance for the same key, by weight, as long as it is there; when one leaves, only its keys move (Thaler and Ravishankar, "Using
    /// Name-Based Mappings to Increase Hit Rates", 1998). A call without a key gets any.
    /// </summary>
    RendezvousHash = 5,
}
