using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OrleansPatterns.Locks;
using OrleansPatterns.Postgres.Locks;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Locks;

/// <summary>What the simulation shows of the rules, on silos that are processes, on PostgreSQL, with silos killed and frozen and clients paused.</summary>
public sealed class LockHistoryTests(PostgresServer server, ITestOutputHelper output)
{
    private const int Workers = 12;

    /// <summary>Left to the first worker, whose holds are all short.</summary>
    private const string Steady = "steady";

    /// <summary>How many more holds each key must see after each fault, before the next.</summary>
    private const int Progress = 100;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private static readonly Dictionary<string, int> Permits = new() { ["places"] = 2 };

    private static readonly (string Key, LockMode Mode)[] Wishes =
    [
        (Steady, LockMode.Write), ("one", LockMode.Write), ("two", LockMode.Write), ("three", LockMode.Write),
        ("book", LockMode.Read), ("book", LockMode.Read), ("book", LockMode.Write),
        ("places", LockMode.Permit), ("places", LockMode.Permit),
    ];

    private static readonly string[] Keys = [.. Wishes.Select(wish => wish.Key).Distinct()];

    /// <summary>A frozen or killed silo is found out within seconds.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Membership__ProbeTimeout"] = "00:00:01",
        ["Membership__MinProbeTimeout"] = "00:00:01",
        ["Membership__NumMissedProbesLimit"] = "2",
        ["Locks__GrantHorizon"] = "00:00:02",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Locks_WhileSilosAreKilledAndFrozen_KeepTheirHoldersApartAndTheirTokensGrowing()
    {
        await using var database = await server.Postgres.CreateDatabaseAsync(Token);
        var silos = Enumerable.Range(0, 4).Select(_ => SiloProcess.Start(database.ConnectionString, Settings)).ToList();
        try
        {
            using var client = Client(database.ConnectionString);
            await client.StartAsync(Token);
            var management = client.Service<IGrainFactory>().GetGrain<IManagementGrain>(0);
            while ((await management.GetHosts(onlyActive: true, Token)).Count < silos.Count)
            {
                // The next round trip waits for them.
            }

            var history = new LockHistory();
            var faults = new ConcurrentQueue<Exception>();
            using var enough = new CancellationTokenSource();
            var workers = Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(client.Services, worker, history, faults, enough.Token))).ToList();

            await MoreOfEachAsync(history, "with all silos");
            (await HostOfAsync("one")).Kill();
            await MoreOfEachAsync(history, "after the silo of one lock was killed");
            var frozen = await HostOfAsync("two");
            await frozen.SignalAsync("STOP");
            await MoreOfEachAsync(history, "while that of another is frozen");
            await frozen.SignalAsync("CONT");
            await MoreOfEachAsync(history, "after it woke and still believed itself the owner");

            await enough.CancelAsync();
            await Task.WhenAll(workers).WaitAsync(TimeSpan.FromMinutes(1), Token);
            output.WriteLine($"{faults.Count} calls failed");
            Assert.Empty(history.Faults(Permits));
            Assert.All(faults, fault => Assert.IsType<LockUnavailableException>(fault));
            await client.StopAsync(Token);

            async Task<Process> HostOfAsync(string key)
            {
                var address = await management.GetActivationAddress(client.Service<IGrainFactory>().GetLockGrain(key), Token);
                return silos.Single(silo => silo.StartInfo.Environment["SiloPort"] == address?.Endpoint.Port.ToString(CultureInfo.InvariantCulture));
            }
        }
        finally
        {
            foreach (var silo in silos)
            {
                silo.Kill();
                await silo.WaitForExitAsync(CancellationToken.None);
                silo.Dispose();
            }
        }
    }

    [Fact]
    public async Task Holder_ThatIsPausedForLongerThanItsLease_IsFollowedAndFencedOff()
    {
        await using var database = await server.Postgres.CreateDatabaseAsync(Token);
        await using var cluster = new SiloCluster(database.ConnectionString, silos: 1);
        await cluster.StartAsync(Token);
        var time = new PausableTime();
        using var paused = SiloHost.Client(
            client =>
            {
                client.UsePostgres(database.ConnectionString).AddOrleansPatterns();
                client.Services.AddSingleton<TimeProvider>(time).Configure<LockOptions>(options => options.Lease = Lease);
            },
            cluster.Id);
        await paused.StartAsync(Token);
        await using var dataSource = NpgsqlDataSource.Create(database.ConnectionString);

        var stale = await paused.Service<IDistributedLockProvider>().AcquireLockAsync("page", cancellationToken: Token);
        var lost = stale.HandleLostToken;
        time.Pause();
        await using var next = await cluster.Client<IDistributedLockProvider>().AcquireLockAsync("page", TimeSpan.FromSeconds(30), Token);
        Assert.True(next.FencingToken > stale.FencingToken);
        await FenceAsync(dataSource, next.FencingToken);
        Assert.False(lost.IsCancellationRequested);

        time.Resume();
        await Assert.ThrowsAsync<StaleFencingTokenException>(() => FenceAsync(dataSource, stale.FencingToken));
        Assert.True(lost.IsCancellationRequested);
        await stale.DisposeAsync();
        await FenceAsync(dataSource, next.FencingToken);
        await paused.StopAsync(Token);
    }

    private static async Task FenceAsync(NpgsqlDataSource dataSource, long fencingToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await transaction.RequireFencingTokenAsync("page", fencingToken, Token);
        await transaction.CommitAsync(Token);
    }

    private static IHost Client(string connectionString) => SiloHost.Client(
        client =>
        {
            client.UsePostgres(connectionString).AddOrleansPatterns();
            client.Services.Configure<LockOptions>(options => options.Lease = Lease);
        },
        SiloProcess.ClusterId);

    private static async Task WorkAsync(
        IServiceProvider services, int worker, LockHistory history, ConcurrentQueue<Exception> faults, CancellationToken enough)
    {
        var locks = services.GetRequiredService<IDistributedLockProvider>();
        var books = services.GetRequiredService<IDistributedReaderWriterLockProvider>();
        var semaphores = services.GetRequiredService<IDistributedSemaphoreProvider>();
        var random = new Random(worker);
        while (!enough.IsCancellationRequested)
        {
            var (key, mode) = Wishes[worker == 0 ? 0 : random.Next(1, Wishes.Length)];
            try
            {
                await using var handle = mode switch
                {
                    LockMode.Permit => await semaphores.AcquireSemaphoreAsync(key, Permits[key], cancellationToken: enough),
                    LockMode.Read => await books.AcquireReadLockAsync(key, cancellationToken: enough),
                    _ when key == "book" => await books.AcquireWriteLockAsync(key, cancellationToken: enough),
                    _ => await locks.AcquireLockAsync(key, cancellationToken: enough),
                };
                var from = Stopwatch.GetTimestamp();
                var lostAt = long.MaxValue;
                await using (handle.HandleLostToken.Register(() => lostAt = Stopwatch.GetTimestamp()))
                {
                    using var end = CancellationTokenSource.CreateLinkedTokenSource(handle.HandleLostToken, enough);
                    await HoldAsync(history, key, random, end.Token);
                }

                history.Add(new LockHistory.Hold(key, mode, handle.FencingToken, from, Math.Min(lostAt, Stopwatch.GetTimestamp())));
            }
            catch (OperationCanceledException) when (enough.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                faults.Enqueue(exception);
            }
        }
    }

    /// <summary>Mostly short, and now and then for as long as it takes another to have several turns elsewhere.</summary>
    private static async Task HoldAsync(LockHistory history, string key, Random random, CancellationToken end)
    {
        await Task.Yield();
        if (key != Steady && random.Next(10) == 0)
        {
            await history.MoreOfEachAsync([Steady], more: 20, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task MoreOfEachAsync(LockHistory history, string phase)
    {
        var clock = Stopwatch.StartNew();
        using var net = CancellationTokenSource.CreateLinkedTokenSource(Token);
        net.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            await history.MoreOfEachAsync(Keys, Progress, net.Token);
        }
        finally
        {
            output.WriteLine($"{phase}: {clock.Elapsed.TotalSeconds:0.0} s; {string.Join(", ", Keys.Select(key => $"{key}: {history.CountOf(key)} holds"))}");
        }
    }
}
