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
        var instance = new ServiceInstance
        {
            Id = "a",
            Endpoint = new Uri("http://127.0.0.1:8080"),
            Zone = "z",
            Version = "1.2",
            Metadata = new Dictionary<string, string> { ["k"] = "v" },
        };
        var record = ServiceRules.Register(new ServiceRecord(), instance, TimeSpan.FromSeconds(15), Guid.NewGuid());
        var serializer = fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[0].SiloAddress).GetRequiredService<IGrainStorageSerializer>();

        var read = serializer.Deserialize<ServiceRecord>(serializer.Serialize(record));

        Assert.NotNull(read);
        Assert.Equal((record.Epoch, record.Version), (read.Epoch, read.Version));
        Assert.Equal(record.Instances, read.Instances);
    }
}
