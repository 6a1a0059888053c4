using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Storage;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Idempotency;

internal sealed class IdempotencyStore(
    IGrainFactory grains,
    ClusterCaller caller,
    IOptions<IdempotencyOptions> options,
    IdempotencyInstruments instruments,
    TimeProvider time,
    ILogger<IdempotentExecution> logger) : IIdempotencyStore
{
    /// <summary>Keeps the keys of messages apart from those of operations with a payload.</summary>
    private static readonly RequestFingerprint MessageFingerprint = "OrleansPatterns.Inbox";

    /// <summary>An activation that is to go, for instance because its silo stops, can only go between two waits.</summary>
    private static readonly TimeSpan MaxWaitSlice = TimeSpan.FromSeconds(2);

    /// <summary>How much longer than its slice a wait may take to be answered, before the silo counts as gone.</summary>
    private static readonly TimeSpan WaitGrace = TimeSpan.FromSeconds(5);

    private static readonly IdempotencyOptionsValidator Validator = new();

    public async Task<T> ExecuteAsync<T>(
        IdempotencyKey key,
        RequestFingerprint fingerprint,
        Func<CancellationToken, Task<T>> work,
        IdempotencyOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        var terms = TermsOf(options);
        var beginning = await BeginAsync(key, fingerprint, terms, cancellationToken);
        if (!beginning.IsStarted)
        {
            return JsonSerializer.Deserialize<T>(beginning.Result.Span, terms.SerializerOptions)!;
        }

        await using var execution = beginning.Execution;
        using var activity = IdempotencyTelemetry.Execute(execution);
        try
        {
            var result = await RunAsync(execution, work, cancellationToken);

            // The work has taken effect: what the caller wants now no longer matters, its result must be recorded.
            await RecordAsync(execution, await SerializeAsync(execution, result));
            return result;
        }
        catch (Exception exception)
        {
            activity.Fail(exception);
            throw;
        }
    }

    public async Task<IdempotencyBeginning> BeginAsync(
        IdempotencyKey key, RequestFingerprint fingerprint, IdempotencyOptions? options = null, CancellationToken cancellationToken = default)
    {
        var terms = TermsOf(options);
        var (reply, execution) = await AskUntilSettledAsync(key, fingerprint, terms, terms.Retention, terms.WaitForResult, cancellationToken);
        return reply.Outcome switch
        {
            BeginOutcome.Started => new(execution!),
            BeginOutcome.Completed => new(reply.Result ?? throw new IdempotencyResultTooLargeException(key, reply.OmittedResultBytes))
            {
                SerializerOptions = terms.SerializerOptions,
            },
            _ => throw Refusal(key, reply),
        };
    }

    public async Task<IdempotentExecution?> TryBeginAsync(
        IdempotencyKey messageId, IdempotencyOptions? options = null, CancellationToken cancellationToken = default)
    {
        var terms = TermsOf(options);
        var (reply, execution) = await AskUntilSettledAsync(
            messageId, MessageFingerprint, terms, terms.InboxRetention, TimeSpan.Zero, cancellationToken);
        return reply.Outcome switch
        {
            BeginOutcome.Started => execution,
            BeginOutcome.Completed => null,
            _ => throw Refusal(messageId, reply),
        };
    }

    private static Exception Refusal(IdempotencyKey key, BeginReply reply) => reply.Outcome switch
    {
        BeginOutcome.InProgress => new IdempotencyInProgressException(key, reply.RetryAfter),
        BeginOutcome.FingerprintMismatch => new IdempotencyFingerprintMismatchException(key),
        BeginOutcome.Parked => new IdempotencyParkedException(key, reply.ExecutionToken),
        BeginOutcome.Failed => new IdempotencyFailedException(key, reply.Failure!),
        BeginOutcome.Sealed => new IdempotencySealedException(key),
        _ => new InvalidOperationException($"Beginning '{key}' was answered with {reply.Outcome}, which is no answer to a new request."),
    };

    private IdempotencyOptions TermsOf(IdempotencyOptions? given)
    {
        if (given is null || ReferenceEquals(given, options.Value))
        {
            return options.Value;
        }

        return Validator.Validate(null, given) is { Failed: true } invalid ? throw new ArgumentException(invalid.FailureMessage, nameof(given)) : given;
    }

    private static async Task<T> RunAsync<T>(IdempotentExecution execution, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var cancelled = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, execution.LostToken)
            : null;
        try
        {
            return await work(cancelled?.Token ?? execution.LostToken);
        }
        catch (OperationCanceledException exception) when (execution.LostToken.IsCancellationRequested)
        {
            throw new IdempotencyExecutionLostException(execution.Key, execution.ExecutionToken, exception);
        }
        catch (Exception exception)
        {
            var told = await execution.FailedAsync(exception);
            if (!ReferenceEquals(told, exception))
            {
                throw told;
            }

            throw;
        }
    }

    /// <summary>Work that has taken effect is recorded as done, if need be without its result.</summary>
    private static async Task RecordAsync(IdempotentExecution execution, byte[] result)
    {
        try
        {
            await execution.CompleteAsync(result, CancellationToken.None);
        }
        catch (Exception refusal) when (refusal is IdempotencyResultTooLargeException or StateNotWrittenException { IsTransient: false })
        {
            // Over our limit, or over one that the storage has of its own.
            await execution.CompleteWithoutResultAsync(result.Length);
            throw new IdempotencyResultTooLargeException(execution.Key, result.Length);
        }
    }

    /// <summary>What cannot be serialized must not be run again either.</summary>
    private static async Task<byte[]> SerializeAsync<T>(IdempotentExecution execution, T result)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(result, execution.Options.SerializerOptions);
        }
        catch (Exception exception)
        {
            var failure = IdempotencyFailure.Of(exception);
            await execution.FailAsync(failure, CancellationToken.None);
            throw new IdempotencyFailedException(execution.Key, failure, exception);
        }
    }

    private async Task<(BeginReply Reply, IdempotentExecution? Execution)> AskUntilSettledAsync(
        IdempotencyKey key,
        RequestFingerprint fingerprint,
        IdempotencyOptions terms,
        TimeSpan retention,
        TimeSpan patience,
        CancellationToken cancellationToken)
    {
        var askedAt = time.GetTimestamp();
        var (outcome, executionToken) = (IdempotencyOutcome.Fault, 0L);
        using var activity = IdempotencyTelemetry.Begin(key);
        try
        {
            var (reply, execution, hasWaited) = await SettleAsync(key, fingerprint, terms, retention, patience, askedAt, cancellationToken);
            (outcome, executionToken) = (OutcomeOf(reply, hasWaited), reply.ExecutionToken);
            return (reply, execution);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = IdempotencyOutcome.Cancelled;
            throw;
        }
        catch (Exception exception)
        {
            outcome = exception is ClusterUnavailableException ? IdempotencyOutcome.Unavailable : outcome;
            activity.Fail(exception);
            throw;
        }
        finally
        {
            instruments.Answered(outcome, time.GetElapsedTime(askedAt));
            IdempotencyTelemetry.Begun(activity, outcome, executionToken);
        }
    }

    /// <summary>Asks, waits while another execution runs, and asks again: it may have ended without a result, or have died.</summary>
    private async Task<(BeginReply Reply, IdempotentExecution? Execution, bool HasWaited)> SettleAsync(
        IdempotencyKey key,
        RequestFingerprint fingerprint,
        IdempotencyOptions terms,
        TimeSpan retention,
        TimeSpan patience,
        long askedAt,
        CancellationToken cancellationToken)
    {
        var grain = grains.GetIdempotencyGrain(key);
        var request = new BeginRequest
        {
            RequestId = Guid.NewGuid(),
            Fingerprint = fingerprint.Value,
            Lease = terms.Lease,
            Retention = retention,
            OnAbandoned = terms.OnAbandoned,
        };
        var hasWaited = false;
        while (true)
        {
            var (reply, execution) = await AskAsync(grain, key, request, terms, cancellationToken);
            if (reply.Outcome == BeginOutcome.Ended)
            {
                // An attempt whose answer was lost had begun it, and that was so long ago that it is over. Nothing has run.
                request = request with { RequestId = Guid.NewGuid() };
                continue;
            }

            var patienceLeft = patience - time.GetElapsedTime(askedAt);
            if (reply.Outcome != BeginOutcome.InProgress || patienceLeft <= TimeSpan.Zero)
            {
                return (reply, execution, hasWaited);
            }

            // No longer than the lease, for then the key may be there for the taking and nobody would tell.
            var slice = new[] { patienceLeft, MaxWaitSlice, reply.RetryAfter }.Min();
            hasWaited = true;
            var news = await caller.CallAsync(
                $"wait for '{key}'", token => grain.WaitAsync(request.Fingerprint, slice, token), cancellationToken, slice + WaitGrace);
            if (news is { Outcome: not BeginOutcome.InProgress })
            {
                return (news, null, hasWaited);
            }
        }
    }

    private static IdempotencyOutcome OutcomeOf(BeginReply reply, bool hasWaited) => reply.Outcome switch
    {
        BeginOutcome.Started => IdempotencyOutcome.Started,
        BeginOutcome.Completed => hasWaited ? IdempotencyOutcome.Waited : IdempotencyOutcome.Replayed,
        BeginOutcome.InProgress => IdempotencyOutcome.InProgress,
        BeginOutcome.FingerprintMismatch => IdempotencyOutcome.Mismatch,
        BeginOutcome.Parked => IdempotencyOutcome.Parked,
        BeginOutcome.Failed => IdempotencyOutcome.Failed,
        BeginOutcome.Sealed => IdempotencyOutcome.Sealed,
        _ => IdempotencyOutcome.Fault,
    };

    private async Task<(BeginReply Reply, IdempotentExecution? Execution)> AskAsync(
        IIdempotencyGrain grain, IdempotencyKey key, BeginRequest request, IdempotencyOptions terms, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var asking = BeginExecutionAsync(grain, key, request, terms);
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
        catch (ClusterUnavailableException)
        {
            // The same, once the cluster can be reached again: it would be taken for an executor that has died.
            _ = GiveUpAsync(BeginExecutionAsync(grain, key, request, terms));
            throw;
        }
    }

    private async Task<(BeginReply Reply, IdempotentExecution? Execution)> BeginExecutionAsync(
        IIdempotencyGrain grain, IdempotencyKey key, BeginRequest request, IdempotencyOptions terms)
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
            ? (reply, new IdempotentExecution(grain, key, reply, sentAt, terms, request.Retention, caller, instruments, time, logger))
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
