using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.PostgresTests;

/// <summary>What docs/deployment.md says of a database that was restored and so has forgotten what was acknowledged since.</summary>
public sealed class RestoreTests(PostgresServer server, MigratedDatabase elsewhere) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private const string Lock = "stocktaking";
    private const long AboveAll = 1_000_000_000_000;

    private readonly string _resource = Guid.NewGuid().ToString("N");
    private LocalDatabase? _database;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private LocalDatabase Database => _database ?? throw new InvalidOperationException("The database is not created.");

    private string Backup => Database.Name + "_backup";

    public async ValueTask InitializeAsync() => _database = await server.Postgres.CreateDatabaseAsync(Token);

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Restored_TokensAreGivenAgain_UnlessFirstTokenIsAboveThem()
    {
        await OnClusterAsync(firstToken: 1, async cluster => Assert.Equal((1, true), await WriteElsewhereAsync(cluster)));
        await BackUpAsync();
        await OnClusterAsync(firstToken: 1, async cluster =>
        {
            Assert.Equal((2, true), await WriteElsewhereAsync(cluster));
            Assert.Equal((3, true), await WriteElsewhereAsync(cluster));
        });
        await RestoreAsync();

        // Somebody had this one already, and the resource stands still: it has seen the next.
        await OnClusterAsync(firstToken: 1, async cluster => Assert.Equal((2, false), await WriteElsewhereAsync(cluster)));
        await OnClusterAsync(AboveAll, async cluster =>
        {
            Assert.Equal((AboveAll, true), await WriteElsewhereAsync(cluster));
            Assert.False(await FenceAsync(3), "One of before the restore still gets through.");
        });

        // Whether the setting stays or is taken away.
        await OnClusterAsync(AboveAll, async cluster => Assert.Equal((AboveAll + 1, true), await WriteElsewhereAsync(cluster)));
        await OnClusterAsync(firstToken: 1, async cluster => Assert.Equal((AboveAll + 2, true), await WriteElsewhereAsync(cluster)));
    }

    [Fact]
    public async Task Restored_KeysOfTheBackupReplay_LaterOnesRunAgain()
    {
        await OnClusterAsync(firstToken: 1, async cluster => Assert.Equal("first", await ExecuteAsync(cluster, "kept", "first")));
        await BackUpAsync();
        await OnClusterAsync(firstToken: 1, async cluster => Assert.Equal("first", await ExecuteAsync(cluster, "lost", "first")));
        await RestoreAsync();

        await OnClusterAsync(firstToken: 1, async cluster =>
        {
            Assert.Equal("first", await ExecuteAsync(cluster, "kept", "second"));
            Assert.Equal("second", await ExecuteAsync(cluster, "lost", "second"));
        });
    }

    private static Task<string> ExecuteAsync(SiloCluster cluster, string key, string result) =>
        cluster.Client<IIdempotencyStore>().ExecuteAsync(key, "payload", _ => Task.FromResult(result), cancellationToken: Token);

    /// <summary>A holder's token, and whether a resource outside of the database that is restored accepts it.</summary>
    private async Task<(long FencingToken, bool IsAccepted)> WriteElsewhereAsync(SiloCluster cluster)
    {
        await using var handle = await cluster.Client<IDistributedLockProvider>().AcquireLockAsync(Lock, cancellationToken: Token);
        return (handle.FencingToken, await FenceAsync(handle.FencingToken));
    }

    private async Task<bool> FenceAsync(long token)
    {
        await using var connection = await elsewhere.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        var isAccepted = await transaction.TryFenceAsync(_resource, token, Token);
        await transaction.CommitAsync(Token);
        return isAccepted;
    }

    private async Task OnClusterAsync(long firstToken, Func<SiloCluster, Task> use)
    {
        await using var cluster = new SiloCluster(
            Database.ConnectionString, silos: 1, silo => silo.Services.Configure<LockOptions>(options => options.FirstToken = firstToken));
        await cluster.StartAsync(Token);
        await use(cluster);
    }

    private Task BackUpAsync() => OnServerAsync($"create database {Backup} template {Database.Name}");

    private async Task RestoreAsync()
    {
        await OnServerAsync($"drop database {Database.Name} with (force)");
        await OnServerAsync($"alter database {Backup} rename to {Database.Name}");
    }

    private async Task OnServerAsync(string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.Postgres.ConnectionString) { Pooling = false });
        await dataSource.ExecuteAsync(sql);
    }
}
