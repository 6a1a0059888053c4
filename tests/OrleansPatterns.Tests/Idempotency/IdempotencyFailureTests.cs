using System.Text.Json;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class IdempotencyFailureTests(MemoryCluster fixture)
{
    private static readonly IdempotencyOptions RememberingDeclined = new()
    {
        OnFailure = exception => exception is InvalidOperationException ? OnFailure.Remember : OnFailure.Forget,
    };

    private readonly string _key = NewKey();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task Remembered_IsReplayedToAllAsTheSameException()
    {
        var declined = new InvalidOperationException("card declined");

        var first = await Assert.ThrowsAsync<IdempotencyFailedException>(() => ExecuteAsync(declined));
        var second = await Assert.ThrowsAsync<IdempotencyFailedException>(() => ExecuteAsync(new NotSupportedException("ran again")));

        var failure = new IdempotencyFailure { Type = "System.InvalidOperationException", Message = "card declined" };
        Assert.Equal((failure, failure), (first.Failure, second.Failure));
        Assert.Equal((declined, null), (first.InnerException, second.InnerException));
        Assert.Equal((IdempotencyKey)_key, second.Key);
    }

    [Fact]
    public async Task Remembered_ReachesAWaitingDuplicate()
    {
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource<int>();
        var first = Store.ExecuteAsync(
            _key,
            "f",
            _ =>
            {
                entered.SetResult();
                return gate.Task;
            },
            RememberingDeclined,
            Cancel);
        await InTime(entered.Task);
        var second = ExecuteAsync(new NotSupportedException("ran again"));

        gate.SetException(new InvalidOperationException("card declined"));

        await Assert.ThrowsAsync<IdempotencyFailedException>(() => InTime(first));
        await Assert.ThrowsAsync<IdempotencyFailedException>(() => InTime(second));
    }

    [Fact]
    public async Task OtherExceptions_AreForgotten()
    {
        await Assert.ThrowsAsync<NotSupportedException>(() => ExecuteAsync(new NotSupportedException("network")));
        Assert.Equal(1, await Store.ExecuteAsync(_key, "f", _ => Task.FromResult(1), RememberingDeclined, Cancel));
    }

    [Fact]
    public async Task ResultThatCannotBeSerialized_DoesNotRunAgain()
    {
        var runs = 0;
        Task<Circle> WorkAsync(CancellationToken cancellationToken)
        {
            runs++;
            var circle = new Circle();
            circle.Next = circle;
            return Task.FromResult(circle);
        }

        var first = await Assert.ThrowsAsync<IdempotencyFailedException>(() => Store.ExecuteAsync(_key, "f", WorkAsync, cancellationToken: Cancel));
        await Assert.ThrowsAsync<IdempotencyFailedException>(() => Store.ExecuteAsync(_key, "f", WorkAsync, cancellationToken: Cancel));

        Assert.IsType<JsonException>(first.InnerException);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task Message_ThatFailedForGood_IsKnownToHave()
    {
        await using (var handling = await Store.TryBeginAsync(_key, cancellationToken: Cancel))
        {
            await handling!.FailAsync(new IdempotencyFailure { Type = "poison", Message = "no such customer" }, Cancel);
        }

        var failed = await Assert.ThrowsAsync<IdempotencyFailedException>(() => Store.TryBeginAsync(_key, cancellationToken: Cancel));
        Assert.Equal("poison", failed.Failure.Type);
    }

    [Fact]
    public async Task Failure_OutsideItsBounds_IsRefusedAndNothingChanged()
    {
        await using var execution = (await Store.BeginAsync(_key, "f", cancellationToken: Cancel)).Execution!;
        await Assert.ThrowsAsync<ArgumentException>(() => execution.FailAsync(new IdempotencyFailure { Type = "", Message = "" }, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(
            () => execution.FailAsync(new IdempotencyFailure { Type = "t", Message = new string('m', 4097) }, Cancel));

        await execution.CompleteAsync("1"u8.ToArray(), Cancel);
        Assert.Equal(1, await Store.ExecuteAsync(_key, "f", _ => Task.FromResult(2), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Result_OverTheLimit_IsRefusedAndASmallerOneTaken()
    {
        var options = new IdempotencyOptions { MaxResultBytes = 2 };
        await using var execution = (await Store.BeginAsync(_key, "f", options, Cancel)).Execution!;
        Assert.Equal(3, (await Assert.ThrowsAsync<IdempotencyResultTooLargeException>(() => execution.CompleteAsync("123"u8.ToArray(), Cancel))).ResultBytes);
        Assert.Equal(IdempotencyPhase.InProgress, (await fixture.Service<IIdempotencyOperations>().GetStatusAsync(_key, Cancel)).Phase);

        await execution.CompleteAsync("12"u8.ToArray(), Cancel);
        Assert.Equal(12, await Store.ExecuteAsync(_key, "f", _ => Task.FromResult(2), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Options_OutsideTheirBounds_AreRefusedBeforeAnythingIsWritten()
    {
        var refusal = await Assert.ThrowsAsync<ArgumentException>(
            () => Store.ExecuteAsync(_key, "f", _ => Task.FromResult(1), new IdempotencyOptions { Lease = TimeSpan.Zero }, Cancel));

        Assert.StartsWith("IdempotencyOptions.Lease is 00:00:00; it must be 00:00:01 to 00:10:00.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await fixture.Service<IIdempotencyOperations>().GetStatusAsync(_key, Cancel)).ExecutionToken);
    }

    private Task<int> ExecuteAsync(Exception exception) =>
        Store.ExecuteAsync(_key, "f", _ => Task.FromException<int>(exception), RememberingDeclined, Cancel);

    private sealed class Circle
    {
        public Circle? Next { get; set; }
    }
}
