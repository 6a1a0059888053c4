using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;
using OrleansPatterns.Postgres.Storage;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>The bytes of rows, made and read by what a silo that is set up by <c>UsePostgres</c> makes and reads them with. No server is asked.</summary>
internal sealed class StoredForms : IDisposable
{
    private readonly IHost _binary = Silo(StateFormat.Binary);
    private readonly IHost _json = Silo(StateFormat.Json);

    internal static IReadOnlyList<string> Endings { get; } = ["bin", "json"];

    internal byte[] Write(string ending, object state) =>
        ((BinaryData)Call(ending, nameof(IGrainStorageSerializer.Serialize), state.GetType(), state)).ToArray();

    /// <summary>By a silo that writes the other form: whichever is set, both are read.</summary>
    internal object Read(string ending, Type type, byte[] payload) =>
        Call(ending == "bin" ? "json" : "bin", nameof(IGrainStorageSerializer.Deserialize), type, new BinaryData(payload));

    public void Dispose()
    {
        _binary.Dispose();
        _json.Dispose();
    }

    private object Call(string ending, string method, Type type, object argument)
    {
        var serializer = (ending == "bin" ? _binary : _json).Services
            .GetRequiredService<IOptionsMonitor<GroupCommitGrainStorageOptions>>().Get(StorageNames.OrleansPatterns).GrainStorageSerializer;
        return typeof(IGrainStorageSerializer).GetMethod(method)!.MakeGenericMethod(type).Invoke(serializer, [argument])!;
    }

    private static IHost Silo(StateFormat form)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("samples", "samples"));
            silo.UsePostgres("Host=localhost;Database=none", options => options.StateFormat = form).AddOrleansPatterns();
        });
        return builder.Build();
    }
}
