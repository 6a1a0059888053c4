namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>What a list says of an instance.</summary>
internal enum Sight
{
    /// <summary>Nothing.</summary>
    Missing = 0,

    /// <summary>That it is not to be called.</summary>
    Listed = 1,

    /// <summary>That it is to be called.</summary>
    Callable = 2,
}
