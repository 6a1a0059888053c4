using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class ServiceRecordTests(MemoryCluster fixture)
{
    /// <summary>Memory storage, and whoever brings a storage of their own, writes JSON where UsePostgres writes Orleans' binary form.</summary>
    [Fact]
    public void Record_InTheJsonOfOrleansStorage_ReadsBackEqual()
    {
        var record = ServiceRules.Register(new ServiceRecord(), ServiceSamples.Full("a"), Guid.NewGuid());
        record = ServiceRules.Override(record, "a", new InstanceOverride { Status = InstanceStatus.Down, Reason = "smoke", Author = "me" });
        record = ServiceRules.Grow(ServiceRules.Judge(ServiceRules.Lapse(record, "a"), "a", isUnwell: true), 4);
        var serializer = fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[0].SiloAddress).GetRequiredService<IGrainStorageSerializer>();

        var read = serializer.Deserialize<ServiceRecord>(serializer.Serialize(record));

        Assert.NotNull(read);
        Assert.Equal((record.Epoch, record.Version, record.IsProtected, record.Shards), (read.Epoch, read.Version, read.IsProtected, read.Shards));
        Assert.Equal(record.Instances, read.Instances);
    }
}
