using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;
using OrleansPatterns.Catalog;
using OrleansPatterns.Postgres.Storage;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>The form of the rows is one option away in either direction, and neither names CLR types.</summary>
public sealed class StateFormatTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    [Theory]
    [InlineData(StateFormat.Binary, StateFormat.Json)]
    [InlineData(StateFormat.Json, StateFormat.Binary)]
    public async Task Rows_OfTheOtherForm_AreReadAndRewritten(StateFormat before, StateFormat after)
    {
        var grain = GrainId.Create("test", $"test/{Guid.NewGuid():N}");
        var state = new GrainState<CatalogEntry>(new CatalogEntry { Pattern = "test", Key = "k", Status = "kept", Version = 7 });
        await WriteAsync(before, grain, state);
        Assert.Equal(before, await FormAsync(grain));
        await WriteAsync(after, grain, state);
        Assert.Equal(after, await FormAsync(grain));

        using var silo = Silo(before);
        var read = new GrainState<CatalogEntry>();
        await Storage(silo).ReadStateAsync("test", grain, read, TestContext.Current.CancellationToken);
        Assert.Equal((state.State, state.ETag), (read.State, read.ETag));
    }

    private static IGrainStorage Storage(IHost silo) =>
        silo.Services.GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns);

    private async Task WriteAsync(StateFormat form, GrainId grain, GrainState<CatalogEntry> state)
    {
        using var silo = Silo(form);
        await Storage(silo).WriteStateAsync("test", grain, state, TestContext.Current.CancellationToken);
    }

    /// <summary>Not started: the storage alone is used.</summary>
    private IHost Silo(StateFormat form) => SiloHost.Silo(silo => silo
        .UsePostgres(
            database.ConnectionString,
            options => (options.GrainStorage, options.StateFormat) = (GrainStateStorage.GroupCommit, form))
        .AddOrleansPatterns());

    private async Task<StateFormat> FormAsync(GrainId grain)
    {
        var payload = await database.DataSource.ScalarAsync<byte[]>($"select payloadbinary from orleans_storage where grainkeytext = '{grain.Key}'");
        var text = Encoding.UTF8.GetString(payload);
        Assert.Contains("kept", text, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(CatalogEntry), text, StringComparison.Ordinal);
        return text[0] == '{' ? StateFormat.Json : StateFormat.Binary;
    }
}
