using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Idempotency;

internal sealed class IdempotencyStore(
    IGrainFactory grains,
    ClusterCaller caller,
    IOptions<IdempotencyOptions> options,
    TimeProvider time,
    ILogger<IdempotentExecution> executionLogger) : IIdempotencyStore
{
    /// <summary>Keeps the keys of messages apart from those of operations with a payload.</summary>
    private const string MessageFingerprint = "message";

    private static readonly TimeSpan MaxWaitSlice = TimeSpan.FromSeconds(10);

    /// <summary>How much longer than its slice a wait may take to be answered, before the silo counts as gone.</summary>
    private static readonly TimeSpan WaitGrace = TimeSpan.FromSeconds(5);

    public async Task<T> ExecuteAsync<T>(
        IdempotencyKey key, string fingerprint, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        var beginning = await BeginAsync(key, fingerprint, cancellationToken);
        if (!beginning.IsStarted)
        {
            return JsonSerializer.Deserialize<T>(beginning.Result.Span)
                ?? throw new JsonException($"The remembered result of '{key}' is a JSON null, which is never stored.");
        }

        await using var execution = beginning.Execution;
        var result = await RunAsync(execution, work, cancellationToken);

        // The work has taken effect: what the caller wants now no longer matters, its result must be recorded.
        await execution.CompleteAsync(JsonSerializer.SerializeToUtf8Bytes(result), CancellationToken.None);
        return result;
    }

    public async Task<IdempotencyBeginning> BeginAsync(IdempotencyKey key, string fingerprint, CancellationToken cancellationToken = default)
    {
        CheckFingerprint(fingerprint);
        var (reply, execution) = await AskUntilSettledAsync(key, fingerprint, options.Value.WaitForResult, cancellationToken);
        return reply.Outcome switch
        {
            BeginOutcome.Started => new(execution!),
            BeginOutcome.Completed => new(reply.Result ?? throw new IdempotencyResultTooLargeException(key, reply.OmittedResultBytes)),
            BeginOutcome.InProgress => throw new IdempotencyInProgressException(key, reply.RetryAfter),
            _ => throw Refusal(key, reply),
        };
    }

    public async Task<IdempotentExecution?> TryBeginAsync(IdempotencyKey messageId, CancellationToken cancellationToken = default)
    {
        var (reply, execution) = await AskUntilSettledAsync(messageId, MessageFingerprint, TimeSpan.Zero, cancellationToken);
        return reply.Outcome switch
        {
            BeginOutcome.Started => execution,
            BeginOutcome.Completed or BeginOutcome.InProgress => null,
            _ => throw Refusal(messageId, reply),
        };
    }

    private static async Task<T> RunAsync<T>(
        IdempotentExecution execution, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, execution.LostToken);
        try
        {
            return await work(cancelled.Token) ?? throw new IdempotencyNullResultException(execution.Key);
        }
        catch (OperationCanceledException exception) when (execution.LostToken.IsCancellationRequested)
        {
            throw new IdempotencyExecutionLostException(execution.Key, execution.ExecutionToken, exception);
        }
    }

    private static Exception Refusal(IdempotencyKey key, BeginReply reply) => reply.Outcome switch
    {
        BeginOutcome.FingerprintMismatch => new IdempotencyFingerprintMismatchException(key),
        BeginOutcome.Parked => new IdempotencyParkedException(key, reply.ExecutionToken),
        _ => new InvalidOperationException($"Beginning '{key}' was answered with {reply.Outcome}, which is no answer to a new request."),
    };

    private static void CheckFingerprint(string fingerprint)
    {
        if (string.IsNullOrEmpty(fingerprint) || fingerprint.Length > BeginRequest.MaxFingerprintLength)
        {
            throw new ArgumentException(
                $"A fingerprint has 1 to {BeginRequest.MaxFingerprintLength} characters; this one has {fingerprint?.Length ?? 0}. Hash the payload.",
                nameof(fingerprint));
        }
    }

    /// <summary>Asks, waits while another execution runs, and asks again: it may have ended with a result, or without one, or have died.</summary>
    private async Task<(BeginReply Reply, IdempotentExecution? Execution)> AskUntilSettledAsync(
        IdempotencyKey key, string fingerprint, TimeSpan patience, CancellationToken cancellationToken)
    {
        var grain = grains.GetIdempotencyGrain(key);
        var request = new BeginRequest
        {
            RequestId = Guid.NewGuid(),
            Fingerprint = fingerprint,
            Lease = options.Value.Lease,
            Retention = options.Value.Retention,
            OnExecutorLost = options.Value.OnExecutorLost,
        };
        var askedAt = time.GetTimestamp();
        while (true)
        {
            var (reply, execution) = await AskAsync(grain, key, request, cancellationToken);
            var patienceLeft = patience - time.GetElapsedTime(askedAt);
            if (reply.Outcome != BeginOutcome.InProgress || patienceLeft <= TimeSpan.Zero)
            {
                return (reply, execution);
            }

            // No longer than the lease, for then the key may be there for the taking and nobody would tell.
            var slice = new[] { patienceLeft, MaxWaitSlice, reply.RetryAfter }.Min();
            await caller.CallAsync($"wait for '{key}'", token => grain.WaitAsync(slice, token), cancellationToken, slice + WaitGrace);
        }
    }

    private async Task<(BeginReply Reply, IdempotentExecution? Execution)> AskAsync(
        IIdempotencyGrain grain, IdempotencyKey key, BeginRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var asking = BeginExecutionAsync(grain, key, request);
        try
        {
            return await asking.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The request is on its way and may begin an execution that nobody carries out; it would hold the key for a whole lease.
            _ = GiveUpAsync(asking);
            throw;
        }
    }

    private async Task<(BeginReply Reply, IdempotentExecution? Execution)> BeginExecutionAsync(
        IIdempotencyGrain grain, IdempotencyKey key, BeginRequest request)
    {
        var (reply, sentAt) = await caller.CallAsync(
            $"begin '{key}'",
            async _ =>
            {
                // The lease counts from the sending of the attempt that was answered: the grain renews it with each one it receives.
                var sentAt = time.GetTimestamp();
                return (await grain.BeginAsync(request), sentAt);
            },
            CancellationToken.None);
        return reply.Outcome == BeginOutcome.Started
            ? (reply, new IdempotentExecution(grain, key, reply.ExecutionToken, sentAt, options.Value, caller, time, executionLogger))
            : (reply, null);
    }

    private static async Task GiveUpAsync(Task<(BeginReply Reply, IdempotentExecution? Execution)> asking)
    {
        await ((Task)asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (asking.IsCompletedSuccessfully && asking.Result.Execution is { } execution)
        {
            await execution.DisposeAsync();
        }
    }
}
