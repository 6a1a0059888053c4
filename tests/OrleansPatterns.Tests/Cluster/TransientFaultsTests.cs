using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using OrleansPatterns.Cluster;
using OrleansPatterns.Hosting;
using Polly.Timeout;

namespace OrleansPatterns.Tests.Cluster;

public sealed class TransientFaultsTests
{
    public static TheoryData<Exception, bool> Faults => new()
    {
        { new OrleansException("Trying to register a grain on invalid silo: S127.0.0.1:1:1. Known status: Dead"), true },
        { new TimeoutRejectedException("Placement took too long."), true },
        { new TaskCanceledException(), true },
        { new SiloUnavailableException("gone"), true },
        { new GrainExtensionNotInstalledException("a fault of the caller"), false },
        { new InvalidOperationException("the grain's answer"), false },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_OfTheWay_IsToldFromTheGrainsAnswer(Exception fault, bool isTransient) => Assert.Equal(isTransient, TransientFaults.IsTransient(fault));

    /// <summary>Found by the chaos tests: a silo that is cut off told its clients that there was no codec, which they took for an answer.</summary>
    [Fact]
    public void PlacementTimeout_OfASilo_ReachesAClientAsSuch()
    {
        using var services = new ServiceCollection().AddPatternClients().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();

        var received = serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(new TimeoutRejectedException("Placement took too long.")));

        Assert.IsType<TimeoutRejectedException>(received);
    }
}
