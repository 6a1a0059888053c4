using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What a slow action does after its own undoing has begun.</summary>
public sealed class SagaSealTests(SagaCluster fixture) : SagaTests(fixture), IClassFixture<SagaCluster>
{
    private static readonly TimeSpan SealPause = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _effects;

    [Fact]
    public async Task Action_ThatComesAfterItsUndoing_IsRefused()
    {
        var late = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Script.On("charge", async (context, _) =>
        {
            _begun.SetResult();
            await _release.Task;
            late.SetResult(await Record.ExceptionAsync(() => context.ExecuteOnceAsync(_ => Task.FromResult(++_effects), Token)));
        });
        await StartAsync<OrderSaga>();
        await _begun.Task.Soon();

        await Sagas.CancelAsync(Id, Token).Soon();
        Time.Advance(OrderSaga.Timeout);
        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(await EndAsync()));
        _release.SetResult();

        var refused = Assert.IsType<IdempotencySealedException>(await late.Task.Soon());
        Assert.Equal($"{Id}/charge", refused.Key.Key);
        Assert.Equal(0, _effects);
        Assert.Equal(["reserve#1", "charge#1", "charge:compensation#1?", "reserve:compensation#1"], Script.Calls);
    }

    /// <summary>And then it is known that there is something to undo.</summary>
    [Fact]
    public async Task Compensation_WaitsForTheEndOfWhatRunsUnderTheKey()
    {
        RunUnderTheKey();
        await StartAsync<OrderSaga>();
        await _begun.Task.Soon();
        await Sagas.CancelAsync(Id, Token).Soon();
        var waiting = Time.ArmedAsync(SealPause, SealPause);
        Time.Advance(OrderSaga.Timeout);
        await waiting;

        var waitingOn = Time.ArmedAsync(SealPause, SealPause);
        Time.Advance(SealPause);
        await waitingOn;
        Assert.Equal(["reserve#1", "charge#1"], Script.Calls);
        Assert.Equal("Compensating reserve=Succeeded charge=Compensating ship=Pending", Show(await StatusAsync()));

        _release.SetResult();
        await CompletedAsync();
        Time.Advance(SealPause);

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge:compensation#1", "reserve:compensation#1"], Script.Calls);
        Assert.Equal(1, _effects);
    }

    /// <summary>An executor that died keeps the compensation waiting for its lease and no longer.</summary>
    [Fact]
    public async Task Compensation_WhoseKeyHasALostExecutor_WaitsForTheLease()
    {
        var left = TimeSpan.FromSeconds(1);
        Script.On("charge", async (context, _) =>
        {
            await Fixture.Cluster.Client.GetIdempotencyGrain(context.IdempotencyKey).BeginAsync(new BeginRequest
            {
                RequestId = Guid.NewGuid(),
                Fingerprint = "test",
                Lease = OrderSaga.Timeout + left,
                Retention = TimeSpan.FromHours(1),
                OnAbandoned = OnAbandoned.Retry,
            });
            _begun.SetResult();
            await _release.Task;
        });
        await StartAsync<OrderSaga>();
        await _begun.Task.Soon();
        await Sagas.CancelAsync(Id, Token).Soon();
        var waiting = Time.ArmedAsync(SealPause, SealPause);
        Time.Advance(OrderSaga.Timeout);
        await waiting;
        Assert.Equal(["reserve#1", "charge#1"], Script.Calls);

        Time.Advance(left);

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge:compensation#1?", "reserve:compensation#1"], Script.Calls);
        _release.SetResult();
    }

    /// <summary>A timeout says that nobody knows. The key may know better.</summary>
    [Fact]
    public async Task Compensation_OfWhatTheKeyKnowsToBeDone_IsNotInDoubt()
    {
        Script.On("charge", async (context, token) =>
        {
            await context.ExecuteOnceAsync(_ => Task.FromResult(++_effects), token);
            throw new InvalidOperationException("after the fact");
        });
        await StartAsync<OrderSaga>();
        await BackingOffAsync();
        Time.Advance(OrderSaga.BackOff);

        await EndAsync();

        Assert.Equal(["reserve#1", "charge#1", "charge#2", "charge:compensation#1", "reserve:compensation#1"], Script.Calls);
        Assert.Equal(1, _effects);
    }

    [Fact]
    public async Task Compensation_HasAKeyOfItsOwnThatIsNotSealed()
    {
        List<int> results = [];
        Script.On("ship", _ => throw new SagaRejectedException("no lorry"));
        Script.On("charge:compensation", async (context, token) =>
        {
            results.Add(await context.ExecuteOnceAsync(_ => Task.FromResult(++_effects), token));
            if (context.Attempt == 1)
            {
                throw new InvalidOperationException("after the fact");
            }
        });
        await StartAsync<OrderSaga>();
        await BackingOffAsync();
        Time.Advance(OrderSaga.BackOff);

        Assert.Equal(SagaPhase.Compensated, (await EndAsync()).Phase);
        Assert.Equal([1, 1], results);
    }

    /// <summary>An operator may have a stuck saga tried again: what was only done, and not undone, is not sealed.</summary>
    [Fact]
    public async Task Action_OfASagaThatIsNotUndone_IsNotSealed()
    {
        Script.On("charge", async (context, token) => context.Data.Note =
            $"{await context.ExecuteOnceAsync(_ => Task.FromResult(++_effects), token)}");

        await StartAsync<OrderSaga>();

        Assert.Equal("1", (await Sagas.WaitForResultAsync<OrderData>(Id, Token).Soon()).Note);
    }

    /// <summary>Has the charge be an execution that ends when it is released, deaf to its token.</summary>
    private void RunUnderTheKey() => Script.On("charge", (context, _) => context.ExecuteOnceAsync(
        async _ =>
        {
            _begun.SetResult();
            await _release.Task;
            return ++_effects;
        },
        Token));

    /// <summary>Waits as any caller with the key does: for the end of the execution.</summary>
    private Task<BeginReply?> CompletedAsync() => Fixture.Cluster.Client.GetIdempotencyGrain($"{Id}/charge")
        .WaitAsync("OrleansPatterns.SagaStep", TimeSpan.FromSeconds(2), Token).Soon();
}
