using System.Net;
using Medallion.Threading;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Catalog;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Tests.Catalog;
using OrleansPatterns.Tests.Sagas;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;
using static OrleansPatterns.Tests.Locks.LockStatusWaits;
using BreakerCommands = OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.Management;

/// <summary>Breakers, services, locks and idempotency keys as the console sees them, by names that would be markup if they were taken for it.</summary>
public sealed class ManagementPatternsTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    private readonly string _name = $"<script>alert('{Guid.NewGuid():N}')</script>/%2F?&#ключ";

    /// <summary>How often a lock's row is looked at.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ICatalog Catalog => fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[0].SiloAddress).GetRequiredService<ICatalog>();

    private string Name => Uri.EscapeDataString(_name);

    private string Now => $"{fixture.Time.GetUtcNow():yyyy-MM-ddTHH:mm:sszzz}";

    [Fact]
    public async Task Breaker_IsSeen_HeldAndClosed()
    {
        await using var app = await StartAsync();
        Assert.Equal("Closed", (string?)(await app.ReadAsync($"breaker?name={Name}"))["state"]);
        Assert.Empty((await app.ReadAsync($"breakers?search={Name}"))["items"]!.AsArray());

        await app.ActAsync("breaker/hold", new { name = _name, state = "ForcedClosed", reason = "<b>it must</b>", expiresAfterSeconds = 60 });
        var since = fixture.Time.GetUtcNow();
        await RowAsync("breaker", $$"""ForcedClosed {"reason":"\u003Cb\u003Eit must\u003C/b\u003E","author":"anonymous at 127.0.0.1","since":"{{since:yyyy-MM-ddTHH:mm:sszzz}}"}""");
        var item = Assert.Single((await app.ReadAsync($"breakers?status=ForcedClosed&search={Name}"))["items"]!.AsArray())!;
        Assert.Equal((_name, "ForcedClosed", "<b>it must</b>"), ((string?)item["name"], (string?)item["status"], (string?)item["reason"]));
        var seen = await app.ReadAsync($"breaker?name={Name}");
        Assert.Equal((60, "<b>it must</b>"), ((double)seen["openForSeconds"]!, (string?)seen["override"]!["reason"]));

        Assert.Equal("Closed", (string?)(await app.ActAsync("breaker/close", new { name = _name, reason = "done" }))["state"]);
        Assert.Equal("Closed", (string?)(await app.ReadAsync($"breaker?name={Name}"))["history"]!.AsArray()[^1]!["to"]);
    }

    [Fact]
    public async Task Service_IsSeenWithTheAgeOfHeartbeats_AndInstancesAreDrainedAndReleased()
    {
        await using var app = await StartAsync();
        var grain = fixture.Cluster.Client.GetServiceGrain(_name);
        await grain.RegisterAsync(new ServiceInstance { Id = "a", Endpoint = new Uri("http://a:80"), Zone = "z1" }).Soon();
        await grain.RegisterAsync(new ServiceInstance { Id = "b", Endpoint = new Uri("http://b:80") }).Soon();
        await RowAsync("service", """Up {"instances":2,"available":2,"shards":1}""");
        fixture.Time.Advance(TimeSpan.FromSeconds(4));
        await grain.HeartbeatAsync(["b"]).Soon();

        var instances = (await app.ReadAsync($"service?name={Name}"))["instances"]!.AsArray();
        Assert.Equal(
            [("a", "Up", "Instance", 15.0, 4.0, "z1"), ("b", "Up", "Instance", 15.0, 0.0, null)],
            instances.Select(one => (
                (string?)one!["id"], (string?)one["status"], (string?)one["statusSource"], (double)one["leaseSeconds"]!, (double)one["silentForSeconds"]!, (string?)one["zone"])));

        var after = await app.ActAsync("service/override", new { service = _name, instance = "a", status = "Draining", reason = "new kernel" });
        var drained = after["instances"]!.AsArray()[0]!;
        Assert.Equal(
            ("Draining", "Operator", "new kernel", "anonymous at 127.0.0.1"),
            ((string?)drained["status"], (string?)drained["statusSource"], (string?)drained["override"]!["reason"], (string?)drained["override"]!["author"]));
        Assert.Equal(["b"], (await grain.GetSnapshotAsync().Soon()).Available.Select(one => one.Id));
        await RowAsync("service", """Degraded {"instances":2,"available":1,"shards":1}""");

        await app.ActAsync("service/release", new { service = _name, instance = "a", reason = "rebooted" });
        Assert.Equal(["a", "b"], (await grain.GetSnapshotAsync().Soon()).Available.Select(one => one.Id));
        await RowAsync("service", """Up {"instances":2,"available":2,"shards":1}""");
        await app.ActAsync("service/release", new { service = _name, instance = "c", reason = "r" }, HttpStatusCode.NotFound);

        await grain.DeregisterAsync("a").Soon();
        await grain.DeregisterAsync("b").Soon();
        await RowAsync("service", """Empty {"instances":0,"available":0,"shards":1}""");
    }

    [Fact]
    public async Task Service_ThatIsOnlyAskedFor_HasNoRow()
    {
        await using var app = await StartAsync();
        Assert.Empty((await app.ReadAsync($"service?name={Name}"))["instances"]!.AsArray());
        Assert.Null(await Catalog.FindAsync("service", _name, Token));
    }

    [Fact]
    public async Task Lock_IsSeenOnceSomebodyWaits_AndBroken()
    {
        await using var app = await StartAsync();
        var locks = fixture.Service<IDistributedLockProvider>();
        var since = Now;
        await using var held = await locks.AcquireLockAsync(_name, cancellationToken: Token).AsTask().Soon();
        var waiting = locks.AcquireLockAsync(_name, cancellationToken: Token).AsTask();
        var status = await fixture.Service<ILockOperations>().UntilAsync(_name, status => status.WaiterCount == 1);
        var owner = Assert.Single(status.Holders).Owner;
        Assert.Null(await Catalog.FindAsync("lock", _name, Token));
        fixture.Time.Advance(Look);
        await RowAsync("lock", $$"""Contended {"owner":"{{owner}}","holders":1,"waiters":1,"since":"{{since}}"}""");

        var item = Assert.Single((await app.ReadAsync($"locks?status=Contended&search={Name}"))["items"]!.AsArray())!;
        Assert.Equal((_name, owner, 1, 1, 2.0), ((string?)item["name"], (string?)item["owner"], (int)item["holders"]!, (int)item["waiters"]!, (double)item["heldForSeconds"]!));
        var seen = await app.ReadAsync($"lock?name={Name}");
        Assert.Equal((true, 1), ((bool)seen["isHeld"]!, (int)seen["waiterCount"]!));

        var token = (long)seen["holders"]![0]!["fencingToken"]!;
        var after = await app.ActAsync("lock/break", new { name = _name, fencingToken = token, reason = "its process hangs" });
        Assert.Equal(fixture.Time.GetUtcNow(), (DateTimeOffset)after["asOf"]!);
        Assert.DoesNotContain(after["holders"]!.AsArray(), holder => (long)holder!["fencingToken"]! == token);
        await using var next = await waiting.Soon();
        Assert.Equal(token + 1, next.FencingToken);
    }

    [Fact]
    public async Task Lock_ThatNobodyHoldsAnyMore_LeavesTheList()
    {
        var grain = fixture.Cluster.Client.GetLockGrain(_name);
        var (first, second) = (Ask("a"), Ask("b") with { WaitFor = TimeSpan.FromSeconds(9) });
        var since = Now;
        var held = await grain.AcquireAsync(first).Soon();
        var waiting = grain.AcquireAsync(second);
        await grain.UntilAsync(status => status.WaiterCount == 1);
        fixture.Time.Advance(Look);
        await RowAsync("lock", $$"""Contended {"owner":"a","holders":1,"waiters":1,"since":"{{since}}"}""");

        since = Now;
        await grain.ReleaseAsync(first.RequestId, held.FencingToken).Soon();
        var next = await waiting.Soon();
        fixture.Time.Advance(Look);
        await RowAsync("lock", $$"""Held {"owner":"b","holders":1,"waiters":0,"since":"{{since}}"}""");

        await grain.ReleaseAsync(second.RequestId, next.FencingToken).Soon();
        fixture.Time.Advance(Look);
        await RowAsync("lock", expected: null);
    }

    /// <summary>Rows of the activation before, which counted further, must not outrank its own.</summary>
    [Fact]
    public async Task Lock_AfterAHandOver_IsStillShownAsItIs()
    {
        var grain = fixture.Cluster.Client.GetLockGrain(_name);
        var request = Ask("a");
        var since = Now;
        var held = await grain.AcquireAsync(request).Soon();
        await grain.RenewAsync(new LockRenewal { RequestId = request.RequestId, FencingToken = held.FencingToken, Proof = held.Proof, Lease = request.Lease, Owner = "a" }).Soon();
        for (var look = 0; look < 3; look++)
        {
            fixture.Time.Advance(Look);
            await RowAsync("lock", $$"""Held {"owner":"a","holders":1,"waiters":0,"since":"{{since}}"}""");
        }

        await fixture.Cluster.DeactivateAsync(grain).Soon();
        var waiting = grain.AcquireAsync(Ask("b") with { WaitFor = TimeSpan.FromSeconds(9) });
        await grain.UntilAsync(status => status.WaiterCount == 1);

        // It parks after its first write, of which nobody is told.
        await grain.RenewAsync(new LockRenewal { RequestId = request.RequestId, FencingToken = held.FencingToken, Proof = held.Proof, Lease = request.Lease, Owner = "a" }).Soon();
        fixture.Time.Advance(Look);
        await Catalog.UntilStatusAsync("lock", _name, "Contended");
        await grain.BreakAsync(0).Soon();
        await waiting.Soon();
    }

    [Fact]
    public async Task Lock_NamedAsADigest_IsFoundAndBrokenByThatName()
    {
        await using var app = await StartAsync();
        var digest = $"sha256:{Guid.NewGuid():N}{Guid.NewGuid():N}";
        await using var held = await fixture.Service<IDistributedLockProvider>().AcquireLockAsync(digest, cancellationToken: Token).AsTask().Soon();
        Assert.True((bool)(await app.ReadAsync($"lock?name={Uri.EscapeDataString(digest)}"))["isHeld"]!);
        Assert.Equal(1, await fixture.Service<ILockOperations>().BreakAsync(digest, cancellationToken: Token).Soon());
        Assert.False((bool)(await app.ReadAsync($"lock?name={Uri.EscapeDataString(digest)}"))["isHeld"]!);
    }

    /// <summary>What is no change that listeners hear of has to reach the row, too.</summary>
    [Fact]
    public async Task Breaker_WhoseOnlyBadCallerIsGone_IsListedAsClosed()
    {
        var grain = fixture.Cluster.Client.GetBreakerGrain(_name);
        await grain.ReportAsync(BreakerCommands.Report(failures: 0, successes: 60, caller: "good")).Soon();
        await grain.ReportAsync(BreakerCommands.Report(failures: 60, caller: "bad")).Soon();
        await Catalog.UntilStatusAsync("breaker", _name, "LocalOpen");

        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        await grain.GetStatusAsync().Soon();
        fixture.Time.Advance(TimeSpan.FromSeconds(10));
        await Catalog.UntilStatusAsync("breaker", _name, "Closed");
    }

    [Fact]
    public async Task Lock_OfANameThatIsNoKey_IsFoundByWhatTheListCallsIt()
    {
        await using var app = await StartAsync();
        var locks = fixture.Service<IDistributedLockProvider>();
        var odd = new string('x', 600) + _name;
        await using var held = await locks.AcquireLockAsync(odd, cancellationToken: Token).AsTask().Soon();
        var key = LockName.ToKey(odd);
        Assert.True((bool)(await app.ReadAsync($"lock?name={Uri.EscapeDataString(key)}"))["isHeld"]!);
        Assert.True((bool)(await app.ReadAsync($"lock?name={Uri.EscapeDataString(odd)}"))["isHeld"]!);
    }

    [Fact]
    public async Task IdempotencyKey_IsSeenParked_AndFreed()
    {
        await using var app = await StartAsync();
        var key = new IdempotencyKey("tenant/<b>", Guid.NewGuid().ToString());
        var token = await ParkAsync(key);

        var item = Assert.Single((await app.ReadAsync($"idempotency-keys?search={key.Key}"))["items"]!.AsArray())!;
        Assert.Equal((key.Scope, key.Key, "Parked"), ((string?)item["scope"], (string?)item["key"], (string?)item["status"]));
        var address = $"idempotency-key?scope={Uri.EscapeDataString(key.Scope)}&key={key.Key}";
        Assert.Equal(("Parked", token), ((string?)(await app.ReadAsync(address))["phase"], (long)(await app.ReadAsync(address))["executionToken"]!));

        await app.ActAsync(
            "idempotency-key/free", new { scope = key.Scope, key = key.Key, executionToken = token + 1, reason = "no charge on the statement" }, HttpStatusCode.Conflict);
        var after = await app.ActAsync(
            "idempotency-key/free", new { scope = key.Scope, key = key.Key, executionToken = token, reason = "no charge on the statement" });
        Assert.Equal("Free", (string?)after["phase"]);
        Assert.Equal(7, await fixture.Service<IIdempotencyStore>().ExecuteAsync(key, "f", _ => Task.FromResult(7), cancellationToken: Token).Soon());
    }

    [Fact]
    public async Task Overview_CountsAndNamesWhatNeedsAttention()
    {
        await using var app = await StartAsync();
        var key = new IdempotencyKey("shop", Guid.NewGuid().ToString());
        await ParkAsync(key);
        await app.ActAsync("breaker/hold", new { name = _name, state = "Isolated", reason = "moving house" });
        await Catalog.UntilAsync(
            "breaker", _name, $$"""Isolated {"reason":"moving house","author":"anonymous at 127.0.0.1","since":"{{fixture.Time.GetUtcNow():yyyy-MM-ddTHH:mm:sszzz}}"}""");

        var overview = await app.ReadAsync("overview");
        Assert.Equal(
            await Catalog.CountAsync("idempotency", Token),
            overview["patterns"]!["idempotency"]!["counts"]!.AsObject().ToDictionary(count => count.Key, count => (int)count.Value!));
        var attention = overview["attention"]!.AsArray();
        Assert.Contains(attention, one => (string?)one!["pattern"] == "breaker" && (string?)one["key"] == _name && (string?)one["reason"] == "moving house");
        Assert.Contains(attention, one => (string?)one!["key"] == key.ToString() && (string?)one["status"] == "Parked");
        Assert.Equal(fixture.Time.GetUtcNow(), (DateTimeOffset)overview["asOf"]!);
    }

    [Theory]
    [InlineData("breakers?limit=0")]
    [InlineData("breakers?status=%00")]
    [InlineData("locks?limit=201")]
    [InlineData("services?limit=many")]
    [InlineData("breakers?cursor=behind-nothing")]
    [InlineData("breaker")]
    [InlineData("breaker?name=")]
    [InlineData("idempotency-key?scope=a")]
    [InlineData("idempotency-key?scope=&key=b")]
    public async Task Question_ThatIsOutOfBounds_IsRefused(string path)
    {
        await using var app = await StartAsync("Production");
        Assert.Equal("urn:orleanspatterns:management:invalid", (string?)(await app.ReadAsync(path, HttpStatusCode.BadRequest))["type"]);
    }

    private static LockRequest Ask(string owner) => new() { RequestId = Guid.NewGuid(), Owner = owner, Lease = TimeSpan.FromSeconds(60) };

    private Task<ManagementApp> StartAsync(string environment = "Development") => ManagementApp.StartAsync(
        fixture.Cluster,
        environment,
        app => app.MapOrleansPatterns().AllowAnonymous(),
        services => services.AddSingleton<TimeProvider>(fixture.Time));

    private async Task RowAsync(string pattern, string? expected) => await Catalog.UntilAsync(pattern, _name, expected);

    private async Task<long> ParkAsync(IdempotencyKey key)
    {
        var parking = new IdempotencyOptions { OnAbandoned = OnAbandoned.Park };
        var begun = await fixture.Cluster.Client.GetIdempotencyGrain(key).BeginAsync(Request(onAbandoned: OnAbandoned.Park));
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<IdempotencyParkedException>(
            () => fixture.Service<IIdempotencyStore>().ExecuteAsync(key, "f", _ => Task.FromResult(1), parking, Token).Soon());
        return begun.ExecutionToken;
    }
}
