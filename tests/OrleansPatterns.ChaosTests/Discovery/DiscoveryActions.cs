namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>What the processes of the discovery's workload do.</summary>
internal static class DiscoveryActions
{
    /// <summary>The key is an <see cref="InstanceKey"/>. Ok: the instance is in the list.</summary>
    internal const string Register = "register";

    /// <summary>The key is an <see cref="InstanceKey"/>. Ok: the instance is in the list no more. Unknown: the process gave up, as it does after 3 seconds.</summary>
    internal const string Deregister = "deregister";

    /// <summary>To get the first list of the service that is the key.</summary>
    internal const string Find = "find";

    /// <summary>A list of the service that is the key, as the process has it from now on: the token is its version, the value a <see cref="SeenList"/>.</summary>
    internal const string See = "see list";

    /// <summary>From the call to the answer no list of the process was another than those it had seen. One that lasts long: the process did not run.</summary>
    internal const string Pulse = "pulse";
}
