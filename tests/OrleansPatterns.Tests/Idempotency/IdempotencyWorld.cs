using OrleansPatterns.Idempotency;
using OrleansPatterns.Server.Idempotency;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>
/// One key: two activations over one row with an ETag; executors that die, stall and report late; messages that are delayed and repeated; writes
/// whose answer is lost; a sweeper; transactions that stay open; seals.
/// </summary>
/// <remarks>
/// What must hold, at every moment: at most one executor believes in its lease; once there is a result, everyone gets that one and nobody begins until
/// its retention ends, nor while the key is sealed; tokens only grow, also over the removal of the row; where work is a transaction it commits once for each result; where
/// executors park, nobody takes over.
/// </remarks>
internal sealed partial class IdempotencyWorld(int seed, bool isParking, bool isTransactional, IdempotencyWorld.Sights seen)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);

    /// <summary>The server ends transactions that stay open for longer, at the latest when others need to know.</summary>
    private static readonly TimeSpan MaxTransaction = TimeSpan.FromMinutes(2);

    /// <summary>What the sweeper leaves for the clocks of silos, which here run half a minute apart.</summary>
    private static readonly TimeSpan SweepGrace = TimeSpan.FromMinutes(2);

    /// <summary>How far the clocks of silos and database are apart at the most.</summary>
    private static readonly TimeSpan ClockErrors = TimeSpan.FromSeconds(30);

    private readonly Random _random = new(seed);
    private readonly Activation[] _activations = [new(TimeSpan.Zero), new(ClockErrors)];
    private readonly List<Executor> _executors = [];
    private readonly Dictionary<long, Outcome> _outcomes = [];
    private readonly PriorityQueue<Action, TimeSpan> _network = new();

    private IdempotencyRecord? _row;
    private int _etag;
    private TimeSpan _now;

    /// <summary>The database's row about transactions: the highest token, and whether it was completed.</summary>
    private (long Token, bool IsCompleted) _completion;

    /// <summary>The result that counts.</summary>
    private Outcome? _outcome;
    private long _highestToken;

    internal void Step()
    {
        var until = _now + TimeSpan.FromMilliseconds(_random.Next(0, 4_000));
        while (_network.TryPeek(out var message, out var at) && at <= until)
        {
            _now = at > _now ? at : _now;
            _network.Dequeue();
            message();
            CheckOneExecutor();
        }

        _now = until;
        CheckOneExecutor();
        Act();
    }

    private void Act()
    {
        switch (_random.Next(20))
        {
            case 0 or 1 or 2:
                SendBegin(new Executor(NewGuid()));
                break;
            case 3 when _executors.Count > 0:
                // A repetition of any request, old ones included.
                SendBegin(_executors[_random.Next(_executors.Count)]);
                break;
            case 4:
                _activations[_random.Next(2)].Forget();
                break;
            case 5:
                Pick(executor => executor.IsDead = true);
                break;
            case 6 or 7 when isTransactional:
                Pick(OpenTransaction, evenIfLate: true);
                break;
            case 6:
                Pick(executor => SendReport(executor, isFailure: false), evenIfLate: true);
                break;
            case 7:
                Pick(executor => SendReport(executor, isFailure: true), evenIfLate: true);
                break;
            case 8:
                Pick(SendRelease);
                break;
            case 9 or 10 or 11:
                Pick(SendRenew);
                break;
            case 12:
                Sweep();
                break;
            case 13 when isParking:
                SendFree();
                break;
            case 14 or 15 when isTransactional:
                EndTransaction();
                break;
            case 16:
                _now += TimeSpan.FromMinutes(_random.Next(3));
                break;
            case 18 when _random.Next(6) == 0:
                SendSeal();
                break;
            case 17 when _random.Next(5) == 0:
                // A quiet time, after which the sweeper is the first.
                _now += Retention + SweepGrace + ClockErrors;
                Sweep();
                break;
        }
    }

    private void CheckOneExecutor()
    {
        var current = _executors.Where(executor => executor.Token > 0 && !executor.IsDead && _now < executor.Deadline).ToList();
        Assert.True(current.Count <= 1, $"seed {seed}, {_now}: executions {string.Join(", ", current.Select(executor => executor.Token))} at once");
    }

    private void SendBegin(Executor executor)
    {
        var sentAt = _now;
        var request = new BeginRequest
        {
            RequestId = executor.RequestId,
            Fingerprint = "f",
            Lease = Lease,
            Retention = Retention,
            OnAbandoned = isParking ? OnAbandoned.Park : OnAbandoned.Retry,
        };
        Send(activation => BeginAt(activation, request, reply => Reply(() =>
        {
            // Only the first answer makes an executor; a client does not begin twice with one request.
            if (reply.Outcome == BeginOutcome.Started && !_executors.Contains(executor))
            {
                executor.Token = reply.ExecutionToken;
                executor.BegunAt = sentAt;
                executor.Deadline = sentAt + Lease;
                _executors.Add(executor);
            }
        })));
    }

    /// <summary>As the grain does it.</summary>
    private void BeginAt(Activation activation, BeginRequest request, Action<BeginReply> answer)
    {
        if (activation.Record is null)
        {
            var first = IdempotencyRules.Begin(new IdempotencyRecord(), request, TimeSpan.Zero, ClockOf(activation));
            if (_row is null)
            {
                Began(null, first.Record);
                if (Write(activation, first.Record))
                {
                    answer(first.Reply);
                }

                return;
            }

            Read(activation);
        }

        var before = activation.Record!;
        var decision = IdempotencyRules.Begin(before, request, _now - activation.LeaseCountedFrom, ClockOf(activation));
        if (IdempotencyRules.EndsUnreported(before, decision.Record))
        {
            if (IsHeldByTransaction)
            {
                return;
            }

            if (Decide(before.ExecutionToken))
            {
                if (!CommitAdopted(activation, before))
                {
                    return;
                }

                before = activation.Record!;
                decision = IdempotencyRules.Begin(before, request, TimeSpan.Zero, ClockOf(activation));
            }
        }

        if (!ReferenceEquals(before, decision.Record) && activation.Etag == _etag)
        {
            Began(before, decision.Record);
        }

        if (Commit(activation, decision.Record))
        {
            CheckReplay(decision.Reply);
            answer(decision.Reply);
        }
    }

    /// <summary>An execution begins: there must be no result that is still to be kept, and its token is new.</summary>
    private void Began(IdempotencyRecord? before, IdempotencyRecord next)
    {
        if (next.Status == ExecutionStatus.Parked)
        {
            seen.Parked++;
            return;
        }

        if (next.Status != ExecutionStatus.InProgress || next.ExecutionToken == before?.ExecutionToken)
        {
            return;
        }

        Assert.True(
            _outcome is null || _now >= _outcome.KeptUntil - ClockErrors,
            $"seed {seed}, {_now}: execution {next.ExecutionToken} begins although there is a result until {_outcome?.KeptUntil}");
        Assert.True(next.ExecutionToken > _highestToken, $"seed {seed}: token {next.ExecutionToken} comes after {_highestToken}");
        CheckNoSeal(before, next.ExecutionToken);
        _highestToken = next.ExecutionToken;
        _outcome = null;
        if (before?.Status == ExecutionStatus.InProgress)
        {
            Assert.False(isParking, $"seed {seed}: execution {next.ExecutionToken} takes over although executors park");
            seen.Takeovers++;
        }
    }

    private void CheckReplay(BeginReply reply)
    {
        seen.SealedRefusals += reply.Outcome == BeginOutcome.Sealed ? 1 : 0;
        if (reply.Outcome is BeginOutcome.Completed or BeginOutcome.Failed)
        {
            seen.Replays++;

            // An activation whose clock is behind may know the one before for a little longer.
            Assert.True(
                _outcomes.TryGetValue(ResultOf(reply), out var outcome)
                && outcome.IsFailure == (reply.Outcome == BeginOutcome.Failed)
                && _now < outcome.KeptUntil + ClockErrors,
                $"seed {seed}, {_now}: {reply.Outcome} with {ResultOf(reply)} is not the result, which is {outcome}");
        }
    }

    private static long ResultOf(BeginReply reply) =>
        reply.Failure is { } failure ? long.Parse(failure.Message, System.Globalization.CultureInfo.InvariantCulture) : BitConverter.ToInt64(reply.Result!);

    private void SendRenew(Executor executor)
    {
        var sentAt = _now;
        Send(activation =>
        {
            var decision = IdempotencyRules.Renew(Known(activation, executor.Token), executor.Token, ClockOf(activation));
            if (Commit(activation, decision.Record))
            {
                Reply(() =>
                {
                    if (decision.Reply == ExecutionClaim.Stale)
                    {
                        executor.IsDead = true;
                    }
                    else if (_now < executor.Deadline && sentAt + Lease > executor.Deadline)
                    {
                        executor.Deadline = sentAt + Lease;
                    }
                });
            }
        });
    }

    private void SendReport(Executor executor, bool isFailure) => Send(activation =>
    {
        var record = Known(activation, executor.Token);
        var decision = isFailure
            ? IdempotencyRules.Fail(record, FailureOf(executor), ClockOf(activation))
            : IdempotencyRules.Complete(record, CompletionOf(executor), ClockOf(activation));
        if (!ReferenceEquals(record, decision.Record) && activation.Etag == _etag)
        {
            Decided(executor.Token, isFailure, executor.Token);
        }

        if (Commit(activation, decision.Record) && decision.Reply == ExecutionClaim.Stale)
        {
            Assert.True(
                _row?.ExecutionToken != executor.Token || _row.Status is not ExecutionStatus.InProgress,
                $"seed {seed}, {_now}: the current execution {executor.Token} is refused");
            seen.RefusedReports++;
            executor.IsDead = true;
        }
    });

    private void Decided(long token, bool isFailure, long executionToken)
    {
        Assert.True(_outcome is null, $"seed {seed}, {_now}: a second result");
        Assert.True(_row!.ExecutionToken == executionToken, $"seed {seed}: execution {executionToken} decides about {_row.ExecutionToken}");
        Keep(new Outcome(token, isFailure, _now + Retention));
    }

    private void Keep(Outcome outcome)
    {
        _outcome = outcome;
        _outcomes.Add(outcome.Token, outcome);
        seen.Results++;
    }

    private void SendRelease(Executor executor)
    {
        // Who releases has stopped working. With a transaction of which it does not know the end, it has the grain ask the database.
        executor.IsDead = true;
        Send(activation =>
        {
            var record = Known(activation, executor.Token);
            var release = IdempotencyRules.Release(record, executor.Token);
            if (!executor.HasUsedTransaction)
            {
                Commit(activation, release.Record);
            }
            else if (IdempotencyRules.EndsUnreported(record, release.Record) && !IsHeldByTransaction)
            {
                EndUnreported(activation, release.Record);
            }
        });
    }

    private void EndUnreported(Activation activation, IdempotencyRecord next)
    {
        if (Decide(activation.Record!.ExecutionToken))
        {
            CommitAdopted(activation, activation.Record);
        }
        else
        {
            Commit(activation, next);
        }
    }

    /// <summary>An operator, who has made sure that the executor is no more.</summary>
    private void SendFree() => Send(activation =>
    {
        var record = Known(activation);
        var decision = IdempotencyRules.Free(record, record.ExecutionToken, _now - activation.LeaseCountedFrom, ClockOf(activation));
        if (IdempotencyRules.EndsUnreported(record, decision.Record) && !IsHeldByTransaction)
        {
            EndUnreported(activation, decision.Record);
        }
    });

    private void Sweep()
    {
        if (_row is IExpiringState { RemovableFrom: { } removableFrom } && Clock >= removableFrom + SweepGrace)
        {
            Assert.True(
                !_executors.Any(executor => !executor.IsDead && executor.Token == _row.ExecutionToken && _now < executor.Deadline)
                || _row.Status != ExecutionStatus.InProgress,
                $"seed {seed}, {_now}: the row of a working executor is removed");
            _row = null;
            _sealedAs = SealOutcome.None;
            _isAnyLost = false;
            _etag++;
            seen.Removals++;
        }
    }

    private void Send(Action<Activation> onReceipt)
    {
        for (var copies = _random.Next(8) == 0 ? 2 : 1; copies > 0; copies--)
        {
            var activation = _activations[_random.Next(2)];
            _network.Enqueue(() => onReceipt(activation), _now + Delay());
        }
    }

    private void Reply(Action onReply)
    {
        if (_random.Next(10) > 0)
        {
            _network.Enqueue(onReply, _now + Delay());
        }
    }

    /// <summary>As the grain does it: a higher token than the known one says that another activation knows more.</summary>
    private IdempotencyRecord Known(Activation activation, long token = 0)
    {
        if (activation.Record is null || activation.Record.ExecutionToken < token)
        {
            Read(activation);
        }

        return activation.Record!;
    }

    private void Read(Activation activation) =>
        (activation.Record, activation.Etag, activation.LeaseCountedFrom) = (_row ?? new IdempotencyRecord(), _etag, _now);

    /// <summary>As the grain does it: false means that the caller gets no answer and the activation is gone.</summary>
    private bool Commit(Activation activation, IdempotencyRecord next)
    {
        if (ReferenceEquals(next, activation.Record))
        {
            return true;
        }

        if (activation.Etag != _etag)
        {
            activation.Forget();
            return false;
        }

        return Write(activation, next);
    }

    private bool Write(Activation activation, IdempotencyRecord next)
    {
        Assert.True(next.ExecutionToken >= (_row?.ExecutionToken ?? 0), $"seed {seed}: the token went back");
        _row = next;
        _etag++;
        if (_random.Next(20) == 0)
        {
            seen.LostAnswers++;
            activation.Forget();
            return false;
        }

        Read(activation);
        return true;
    }

    private void Pick(Action<Executor> act, bool evenIfLate = false)
    {
        var candidates = _executors.Where(executor => !executor.IsDead && (evenIfLate || _now < executor.Deadline)).ToList();
        if (candidates.Count > 0 && _random.Next(3) == 0)
        {
            act(candidates[_random.Next(candidates.Count)]);
        }
    }

    private static CompleteRequest CompletionOf(Executor executor) => new()
    {
        ExecutionToken = executor.Token, Result = BitConverter.GetBytes(executor.Token), Retention = Retention,
    };

    private static FailRequest FailureOf(Executor executor) => new()
    {
        ExecutionToken = executor.Token,
        Failure = new IdempotencyFailure { Type = "t", Message = executor.Token.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        Retention = Retention,
    };

    /// <summary>The database's clock; those of the silos are beside it.</summary>
    private DateTimeOffset Clock => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + _now;

    private DateTimeOffset ClockOf(Activation activation) => Clock + activation.ClockError;

    private TimeSpan Delay() => TimeSpan.FromMilliseconds(_random.Next(20) == 0 ? _random.Next(60_000) : _random.Next(50));

    private Guid NewGuid()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
