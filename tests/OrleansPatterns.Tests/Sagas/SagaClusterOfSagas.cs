using Orleans.TestingHost;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>One silo, with further sagas.</summary>
/// <typeparam name="TSagas">Registers them.</typeparam>
public sealed class SagaCluster<TSagas> : SagaCluster
    where TSagas : ISiloConfigurator, new()
{
    protected override short SiloCount => 1;

    protected override void Configure(TestClusterBuilder builder) => builder.AddSiloBuilderConfigurator<TSagas>();
}
