using System.Text.Json.Nodes;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>Over a row of an earlier version, in either form, a grain of today goes on: it answers by it, decides by it and writes it anew.</summary>
public sealed class StoredRowTests(SampleSilo silo) : IClassFixture<SampleSilo>
{
    public static TheoryData<string, string> Rows
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var version in SampleFiles.Versions)
            {
                foreach (var ending in StoredForms.Endings)
                {
                    data.Add(version, ending);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Lock_OfARow_IsHeldAndCountsOn(string version, string ending)
    {
        var key = await silo.StoreAsync(version, "lock.held", ending);
        var grain = silo.Grains.GetLockGrain(key);

        var status = await grain.GetStatusAsync();
        var holder = Assert.Single(status.Holders);
        Assert.Equal(("orders-1", 40L, LockMode.Write), (holder.Owner, holder.FencingToken, holder.Mode));
        var request = new LockRequest { RequestId = Guid.NewGuid(), Owner = "orders-2", Lease = TimeSpan.FromSeconds(15) };
        Assert.Equal(LockOutcome.Busy, (await grain.AcquireAsync(request)).Outcome);

        Assert.Equal(1, await grain.BreakAsync(40));
        var reply = await grain.AcquireAsync(request);
        Assert.Equal((LockOutcome.Granted, true), (reply.Outcome, reply.FencingToken > 41));
        Assert.True(await silo.RowVersionAsync(PatternNames.Lock, key) > 1);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Semaphore_OfARow_CountsOn(string version, string ending)
    {
        var grain = silo.Grains.GetLockGrain(await silo.StoreAsync(version, "lock.semaphore", ending));
        Assert.Equal(3, (await grain.GetStatusAsync()).Permits);

        var permit = new LockRequest { RequestId = Guid.NewGuid(), Owner = "orders-3", Lease = TimeSpan.FromSeconds(15), Mode = LockMode.Permit, Permits = 3 };
        var reply = await grain.AcquireAsync(permit);
        Assert.Equal((LockOutcome.Granted, true), (reply.Outcome, reply.FencingToken > 7));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Breaker_OfARow_StaysAsItIsHeldUntilItIsClosed(string version, string ending)
    {
        var key = await silo.StoreAsync(version, "breaker.isolated", ending);
        var grain = silo.Grains.GetBreakerGrain(key);

        var status = await grain.GetStatusAsync();
        Assert.Equal((BreakerState.Isolated, "moving house"), (status.Snapshot.State, status.Override?.Reason));
        Assert.Equal("its own calls fail", Assert.Single(status.History).Reason);

        // A decision by hand is looked up among those that the record knows.
        Assert.Equal(BreakerState.Closed, (await grain.CloseAsync("ada", Guid.NewGuid())).State);
        Assert.True(await silo.RowVersionAsync(PatternNames.Breaker, key) > 1);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Service_OfARow_HasItsInstancesAndTakesDecisions(string version, string ending)
    {
        var key = await silo.StoreAsync(version, "service.listed", ending);
        var grain = silo.Grains.GetServiceGrain(key);

        var instance = Assert.Single((await grain.GetSnapshotAsync()).Instances);
        Assert.Equal(("orders-1", "http://10.0.0.7:8080/", InstanceStatus.Draining), (instance.Id, instance.Endpoint.ToString(), instance.Status));
        Assert.Equal(["canary", "fast"], instance.Tags);

        Assert.True(await grain.OverrideAsync("orders-1", new InstanceOverride { Status = InstanceStatus.Up, Reason = "back" }, Guid.NewGuid()));
        Assert.Equal(InstanceStatus.Up, Assert.Single((await grain.GetSnapshotAsync()).Instances).Status);
        Assert.Empty((await grain.HeartbeatAsync(["orders-1"])).Unknown);
        Assert.True(await silo.RowVersionAsync(PatternNames.Service, key) > 1);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task IdempotencyKey_OfARow_AnswersWithItsResult(string version, string ending)
    {
        var grain = silo.Grains.GetIdempotencyGrain(await silo.StoreAsync(version, "idempotency.completed", ending));
        var reply = await grain.BeginAsync(Request());
        Assert.Equal((BeginOutcome.Completed, "\"receipt 17\""), (reply.Outcome, System.Text.Encoding.UTF8.GetString(reply.Result!)));

        // The same key for something else is still refused: both versions make the same fingerprint of the same request.
        Assert.Equal(BeginOutcome.FingerprintMismatch, (await grain.BeginAsync(Request() with { Fingerprint = RequestFingerprint.OfText("another").Value })).Outcome);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task IdempotencyKey_OfARowWithAFailure_AnswersWithIt(string version, string ending)
    {
        var grain = silo.Grains.GetIdempotencyGrain(await silo.StoreAsync(version, "idempotency.sealed", ending));
        var reply = await grain.BeginAsync(Request());
        Assert.Equal((BeginOutcome.Failed, "Shop.CardDeclined", "no funds"), (reply.Outcome, reply.Failure?.Type, reply.Failure?.Message));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Saga_OfARow_GoesOnToItsEnd(string version, string ending)
    {
        var key = await silo.StoreAsync(version, "saga.waiting", ending);
        var grain = silo.Grains.GetSagaGrain(key);

        var status = await grain.GetStatusAsync();
        Assert.Equal((SagaPhase.Running, 6L), (status!.Phase, status.Revision));
        var reply = await grain.SignalAsync(new SagaSignal { SignalId = Guid.NewGuid(), Name = SampleSaga.Signal, PayloadJson = "\"yes\"" });
        Assert.True(reply.Outcome == SagaSignalOutcome.Accepted, reply.Fault);
        while (!(status = await grain.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken))!.HasEnded)
        {
            Assert.Equal(SagaPhase.Running, status.Phase);
        }

        Assert.Equal(SagaPhase.Completed, status.Phase);
        var data = JsonNode.Parse((await grain.GetOutputAsync())!.DataJson!)!;
        Assert.Equal(("sku-42", true), (data["Sku"]!.GetValue<string>(), data["Charged"]!.GetValue<bool>()));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Saga_OfARowThatIsStuck_ShowsWhy(string version, string ending)
    {
        var grain = silo.Grains.GetSagaGrain(await silo.StoreAsync(version, "saga.stuck", ending));
        Assert.Equal("'reserve' could not be undone", (await grain.GetStatusAsync())!.StuckReason);
        var entry = Assert.Single((await grain.GetHistoryAsync())!.Entries);
        Assert.Equal((SagaEvent.Failed, "ada", 5), (entry.Event, entry.By, entry.Attempt));
    }

    private static BeginRequest Request() => new()
    {
        RequestId = Guid.NewGuid(),
        Fingerprint = RequestFingerprint.OfText("an order").Value,
        Lease = TimeSpan.FromSeconds(30),
        Retention = TimeSpan.FromHours(1),
        OnAbandoned = OnAbandoned.Retry,
    };
}
