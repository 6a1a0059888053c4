using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Storage;
using OrleansPatterns.Catalog;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Catalog;
using OrleansPatterns.Postgres.Storage;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>Registration only: no server is asked.</summary>
public sealed class UsePostgresTests
{
    private const string Minimal = "Host=localhost;Database=shop;Username=clerk;Password=secret-pw";

    [Fact]
    public void DataSource_WhereTheConnectionStringSaysNothing_HasOurSettings()
    {
        using var silo = SiloHost.Silo(silo => silo.UsePostgres(Minimal));
        var settings = Settings(silo);
        Assert.Equal((20, 100, "OrleansPatterns"), (settings.MaxPoolSize, settings.MaxAutoPrepare, settings.ApplicationName));
    }

    [Fact]
    public void DataSource_WithPoolSizeInOptions_HasThat()
    {
        using var silo = SiloHost.Silo(silo => silo.UsePostgres(Minimal, options => options.MaxPoolSize = 7));
        Assert.Equal(7, Settings(silo).MaxPoolSize);
    }

    /// <summary>100, 0 and so on are Npgsql's own defaults: given is given.</summary>
    [Theory]
    [InlineData("Maximum Pool Size=100;Max Auto Prepare=0;Application Name=shop")]
    [InlineData("MaxPoolSize=100;MaxAutoPrepare=0;ApplicationName=shop")]
    [InlineData("maximum pool size=100;max auto prepare=0;application name=shop")]
    public void DataSource_WhereTheConnectionStringSpeaks_FollowsIt(string given)
    {
        using var silo = SiloHost.Silo(silo => silo.UsePostgres($"{Minimal};{given}", options => options.MaxPoolSize = 7));
        var settings = Settings(silo);
        Assert.Equal((100, 0, "shop"), (settings.MaxPoolSize, settings.MaxAutoPrepare, settings.ApplicationName));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Catalog_InEitherOrder_IsInPostgres(bool postgresFirst)
    {
        using var silo = SiloHost.Silo(silo => _ = postgresFirst
            ? silo.UsePostgres(Minimal).AddOrleansPatterns()
            : silo.AddOrleansPatterns().UsePostgres(Minimal));
        Assert.IsType<PostgresCatalog>(Assert.Single(silo.Services.GetServices<ICatalog>()));
    }

    [Fact]
    public void Membership_WhereTheApplicationSaysNothing_IsThatOfASmallCluster()
    {
        using var silo = SiloHost.Silo(silo => silo.UsePostgres(Minimal));
        var membership = silo.Services.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;
        Assert.Equal((1, 4, 3), (membership.ProbeTimeout.TotalSeconds, membership.MaxProbeTimeout.TotalSeconds, membership.NumMissedProbesLimit));
        Assert.Equal((10, 10), (membership.TableRefreshTimeout.TotalSeconds, membership.IAmAliveTablePublishTimeout.TotalSeconds));
        Assert.Equal(5, silo.Services.GetRequiredService<IOptions<SiloMessagingOptions>>().Value.SystemResponseTimeout.TotalSeconds);

        using var client = SiloHost.Client(client => client.UsePostgres(Minimal));
        Assert.Equal(5, client.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.GatewayListRefreshPeriod.TotalSeconds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Membership_InEitherOrder_IsWhatTheApplicationSays(bool postgresFirst)
    {
        using var silo = SiloHost.Silo(silo => _ = postgresFirst
            ? silo.UsePostgres(Minimal).Configure<ClusterMembershipOptions>(Patient)
            : silo.Configure<ClusterMembershipOptions>(Patient).UsePostgres(Minimal));
        var membership = silo.Services.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;
        Assert.Equal((7, 10), (membership.ProbeTimeout.TotalSeconds, membership.TableRefreshTimeout.TotalSeconds));

        static void Patient(ClusterMembershipOptions options) => (options.ProbeTimeout, options.MaxProbeTimeout) = (TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(28));
    }

    [Fact]
    public void Providers_ShareOneDataSource()
    {
        using var silo = SiloHost.Silo(silo => silo.UsePostgres(Minimal).AddOrleansPatterns());
        var dataSource = silo.Service<PostgresDatabase>().DataSource;
        var clustering = silo.Service<IOptions<AdoNetClusteringSiloOptions>>().Value;
        var storage = silo.Service<IOptionsMonitor<AdoNetGrainStorageOptions>>().Get(StorageNames.OrleansPatterns);
        Assert.Equal(("Npgsql", "Npgsql"), (clustering.Invariant, storage.Invariant));
        Assert.Same(dataSource, clustering.DataSource);
        Assert.Same(dataSource, storage.DataSource);
        Assert.IsType<GrainStorageSerializer>(storage.GrainStorageSerializer);
    }

    [Theory]
    [InlineData(GrainStateStorage.GroupCommit, "OrleansPatterns.Postgres.Storage.GroupCommitGrainStorage")]
    [InlineData(GrainStateStorage.AdoNet, "Orleans.Storage.AdoNetGrainStorage")]
    public void GrainStorage_IsTheOneOfTheOptionsWhoeverSetsThem(GrainStateStorage choice, string expected)
    {
        using var inCall = SiloHost.Silo(silo => silo.UsePostgres(Minimal, options => options.GrainStorage = choice).AddOrleansPatterns());
        using var later = SiloHost.Silo(silo => silo.UsePostgres(Minimal).AddOrleansPatterns().Configure<PostgresOptions>(options => options.GrainStorage = choice));
        foreach (var silo in new[] { inCall, later })
        {
            var storage = silo.Services.GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns);
            Assert.Equal(expected, storage.GetType().FullName);
            Assert.Contains((ILifecycleParticipant<ISiloLifecycle>)storage, silo.Services.GetServices<ILifecycleParticipant<ISiloLifecycle>>());
        }
    }

    [Fact]
    public void GroupCommitGrainStorage_WithoutADatabase_SaysWhatToDo()
    {
        using var silo = SiloHost.Silo(silo => silo.UseLocalhostClustering().AddGroupCommitGrainStorageAsDefault());
        var exception = Assert.Throws<OrleansConfigurationException>(() => silo.Services.GetRequiredKeyedService<IGrainStorage>("Default"));
        Assert.Equal(
            "Grain storage 'Default' has no database: call UsePostgres, or set GroupCommitGrainStorageOptions.DataSource.", exception.Message);
    }

    [Fact]
    public void Pool_ThatBatchesWouldKeepToThemselves_IsRefused()
    {
        using var silo = SiloHost.Silo(silo => silo
            .UsePostgres(Minimal, options => (options.MaxPoolSize, options.GrainStorage) = (7, GrainStateStorage.GroupCommit))
            .AddOrleansPatterns());
        _ = silo.Services.GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns);
        var exception = Assert.Throws<OrleansConfigurationException>(() => silo.Services.GetRequiredService<ICatalog>());
        Assert.Equal(
            "With the catalog, batches would keep 6 connections open, and 2 must be left for the rest, but the pool has 7. Raise PostgresOptions.MaxPoolSize "
            + "(or Maximum Pool Size in the connection string), or lower GroupCommitGrainStorageOptions.MaxConcurrentBatches.",
            exception.Message);
    }

    [Fact]
    public void CalledTwice_TheLastDatabaseCounts()
    {
        using var silo = SiloHost.Silo(silo => silo.UsePostgres(Minimal).UsePostgres("Host=localhost;Database=other").AddOrleansPatterns());
        Assert.Equal("other", Assert.Single(silo.Services.GetServices<PostgresDatabase>()).Name);
    }

    [Fact]
    public void ApplicationsOwnDataSource_StaysItsOwn()
    {
        using var own = NpgsqlDataSource.Create("Host=localhost;Database=own");
        using var silo = SiloHost.Silo(silo => silo.UsePostgres(Minimal).Services.AddSingleton(own));
        Assert.Same(own, silo.Service<NpgsqlDataSource>());
        Assert.NotSame(own, silo.Service<PostgresDatabase>().DataSource);
    }

    [Fact]
    public async Task DataSource_MadeFromAConnectionString_IsDisposedWithTheHost()
    {
        var host = SiloHost.Silo(silo => silo.UsePostgres(Minimal));
        var dataSource = host.Service<PostgresDatabase>().DataSource;
        host.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => dataSource.OpenConnectionAsync(TestContext.Current.CancellationToken).AsTask());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void ConnectionString_Empty_IsRefusedAtOnce(string? connectionString)
    {
        Assert.ThrowsAny<ArgumentException>(() => SiloHost.Silo(silo => silo.UsePostgres(connectionString!)));
        Assert.ThrowsAny<ArgumentException>(() => SiloHost.Client(client => client.UsePostgres(connectionString!)));
    }

    [Theory]
    [InlineData("shop", "Format of the initialization string")]
    [InlineData("Host=localhost;Colour=red;Password=secret-pw", "colour")]
    [InlineData("Host=localhost;Port=many;Password=secret-pw", "port")]
    public void ConnectionString_ThatIsNone_IsRefusedAtOnceWithoutItsPassword(string connectionString, string expected)
    {
        var exception = Assert.Throws<ArgumentException>(nameof(connectionString), () => SiloHost.Silo(silo => silo.UsePostgres(connectionString)));
        Assert.StartsWith("This is no Npgsql connection string: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret-pw", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ConnectionString_WithoutHost_IsRefusedWhenTheHostIsBuilt()
    {
        using var silo = SiloHost.Silo(silo => silo.UsePostgres("Database=shop"));
        var exception = Assert.Throws<OrleansConfigurationException>(() => silo.Service<PostgresDatabase>());
        Assert.Equal("The PostgreSQL connection string names no Host, and the environment variable PGHOST is not set.", exception.Message);
    }

    [Fact]
    public void Options_Defaults()
    {
        var options = new PostgresOptions();
        Assert.Equal((TimeSpan.FromSeconds(30), true, 20), (options.StartupTimeout, options.MigrateSchema, options.MaxPoolSize));
        Assert.Equal((GrainStateStorage.GroupCommit, StateFormat.Binary), (options.GrainStorage, options.StateFormat));
        Assert.Equal((TimeSpan.FromMinutes(1), 500, TimeSpan.FromSeconds(10)), (options.SweepInterval, options.SweepBatchSize, options.CutOffAfter));
        Assert.True(new PostgresOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public void Options_Invalid_ReportsAllFaultsAtOnce()
    {
        var result = new PostgresOptionsValidator().Validate(null, new PostgresOptions { StartupTimeout = TimeSpan.Zero, MaxPoolSize = 1 });
        Assert.Equal(
            [
                "PostgresOptions.StartupTimeout is 00:00:00; it must be greater than zero and at most 00:10:00.",
                "PostgresOptions.MaxPoolSize is 1; it must be 2 to 1000.",
            ],
            result.Failures);
        Assert.Equal(
            [
                "PostgresOptions.GrainStorage is None; it must be GroupCommit or AdoNet.",
                "PostgresOptions.StateFormat is 7; it must be Binary or Json.",
            ],
            new PostgresOptionsValidator().Validate(null, new PostgresOptions { GrainStorage = GrainStateStorage.None, StateFormat = (StateFormat)7 }).Failures);
        Assert.Equal(
            [
                "PostgresOptions.SweepInterval is 00:00:00.9990000; it must be 00:00:01 to 1.00:00:00.",
                "PostgresOptions.SweepBatchSize is 0; it must be 1 to 10000.",
            ],
            new PostgresOptionsValidator().Validate(
                null, new PostgresOptions { SweepInterval = TimeSpan.FromMilliseconds(999), SweepBatchSize = 0 }).Failures);
        Assert.True(new PostgresOptionsValidator().Validate(
            null, new PostgresOptions { SweepInterval = TimeSpan.FromDays(1), SweepBatchSize = 10_000 }).Succeeded);
        Assert.Equal(2, new PostgresOptionsValidator().Validate(
            null, new PostgresOptions { SweepInterval = TimeSpan.FromDays(2), SweepBatchSize = 10_001 }).Failures!.Count());
        Assert.Equal(
            ["PostgresOptions.CutOffAfter is 00:00:05.9990000; it must be 00:00:06 to 00:10:00, or null."],
            new PostgresOptionsValidator().Validate(null, new PostgresOptions { CutOffAfter = TimeSpan.FromMilliseconds(5_999) }).Failures);
        Assert.True(new PostgresOptionsValidator().Validate(null, new PostgresOptions { CutOffAfter = TimeSpan.FromMinutes(11) }).Failed);
        Assert.True(new PostgresOptionsValidator().Validate(null, new PostgresOptions { CutOffAfter = null }).Succeeded);
        Assert.True(new PostgresOptionsValidator().Validate(null, new PostgresOptions { StartupTimeout = TimeSpan.FromMinutes(11) }).Failed);
        Assert.True(new PostgresOptionsValidator().Validate(null, new PostgresOptions { MaxPoolSize = 1001 }).Failed);
    }

    private static NpgsqlConnectionStringBuilder Settings(IHost host) => new(host.Service<PostgresDatabase>().DataSource.ConnectionString);
}
