using OrleansPatterns.Idempotency;
using OrleansPatterns.Server.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>
/// Two activations of one key over one row with an ETag; executors that die, stall and renew late; messages that are delayed and repeated;
/// writes whose answer is lost. The run is a function of its seed.
/// </summary>
public sealed class IdempotencyRulesSimulation
{
    private const int Steps = 4_000;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    [Fact]
    public void TwoActivations_WithCrashesAndDelays_DecideOneResultAndOneExecutor()
    {
        var takeovers = 0;
        var completions = 0;
        var refusals = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var world = new World(seed);
            for (var step = 0; step < Steps && world.Result is null; step++)
            {
                world.Step();
            }

            for (var step = 0; step < 200; step++)
            {
                world.Step();
            }

            takeovers += world.Takeovers;
            refusals += world.RefusedCompletions;
            completions += world.Result is null ? 0 : 1;
        }

        // The run must have been through what it is about.
        Assert.True(completions > 100, $"only {completions} completions");
        Assert.True(takeovers > 200, $"only {takeovers} takeovers");
        Assert.True(refusals > 20, $"only {refusals} refused completions");
    }

    private sealed class Activation
    {
        internal IdempotencyRecord? Record { get; set; }

        internal int Etag { get; set; }

        internal TimeSpan LeaseCountedFrom { get; set; }
    }

    private sealed class Executor(Guid requestId)
    {
        internal Guid RequestId { get; } = requestId;

        internal long Token { get; set; }

        internal TimeSpan Deadline { get; set; }

        internal bool IsDead { get; set; }
    }

    private sealed class World(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Activation[] _activations = [new(), new()];
        private readonly List<Executor> _executors = [];
        private readonly PriorityQueue<Action, TimeSpan> _network = new();
        private IdempotencyRecord _row = new();
        private int _etag;
        private TimeSpan _now;

        internal long? Result { get; private set; }

        internal int Takeovers { get; private set; }

        internal int RefusedCompletions { get; private set; }

        internal void Step()
        {
            var until = _now + TimeSpan.FromMilliseconds(_random.Next(0, 2_000));
            while (_network.TryPeek(out var message, out var at) && at <= until)
            {
                _now = at;
                _network.Dequeue();
                message();
                CheckOneExecutor();
            }

            _now = until;
            CheckOneExecutor();

            switch (_random.Next(16))
            {
                case 0 or 9 or 10 or 11:
                    SendBegin(new Executor(NewGuid()));
                    break;
                case 1 when _executors.Count > 0:
                    // A repetition of any request, old ones included.
                    SendBegin(_executors[_random.Next(_executors.Count)]);
                    break;
                case 2:
                    _activations[_random.Next(2)].Record = null;
                    break;
                case 3:
                    Pick(executor => executor.IsDead = true);
                    break;
                case 4 when _random.Next(4) == 0:
                    Pick(SendComplete, evenIfLate: true);
                    break;
                case 5 when _random.Next(4) == 0:
                    Pick(SendRelease);
                    break;
                case 6 or 7 or 8:
                    Pick(SendRenew);
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
                Retention = TimeSpan.FromDays(1),
                OnExecutorLost = OnExecutorLost.Rerun,
            };
            Send(activation =>
            {
                var leaseAge = _now - activation.LeaseCountedFrom;
                var before = activation.Record!;
                var decision = IdempotencyRules.Begin(before, request, leaseAge, Clock);
                if (!Commit(activation, decision.Record))
                {
                    return;
                }

                if (decision.Reply.Outcome == BeginOutcome.Started)
                {
                    Assert.True(Result is null, $"seed {seed}: execution {decision.Reply.ExecutionToken} began after there was a result");
                    Takeovers += before.Status == ExecutionStatus.InProgress && decision.Record.ExecutionToken > before.ExecutionToken ? 1 : 0;
                }

                if (decision.Reply.Outcome == BeginOutcome.Completed)
                {
                    Assert.Equal(Result, BitConverter.ToInt64(decision.Reply.Result!));
                }

                Reply(() =>
                {
                    // Only the first answer makes an executor; a client does not begin twice with one request.
                    if (decision.Reply.Outcome == BeginOutcome.Started && !_executors.Contains(executor))
                    {
                        executor.Token = decision.Reply.ExecutionToken;
                        executor.Deadline = sentAt + Lease;
                        _executors.Add(executor);
                    }
                });
            });
        }

        private void SendRenew(Executor executor)
        {
            var sentAt = _now;
            Send(activation =>
            {
                var decision = IdempotencyRules.Renew(activation.Record!, executor.Token);
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

        private void SendComplete(Executor executor) => Send(activation =>
        {
            var request = new CompleteRequest
            {
                ExecutionToken = executor.Token, Result = BitConverter.GetBytes(executor.Token), Retention = TimeSpan.FromDays(365),
            };
            var decision = IdempotencyRules.Complete(activation.Record!, request, Clock);
            var landed = Commit(activation, decision.Record, out var isWritten);
            if (isWritten)
            {
                Assert.True(Result is null, $"seed {seed}: a second result");
                Assert.True(executor.Token == _row.ExecutionToken, $"seed {seed}: execution {executor.Token} completed {_row.ExecutionToken}");
                Result = executor.Token;
            }

            if (landed && decision.Reply == ExecutionClaim.Stale)
            {
                RefusedCompletions++;
                executor.IsDead = true;
            }
        });

        private void SendRelease(Executor executor)
        {
            // Who releases has stopped working.
            executor.IsDead = true;
            Send(activation => Commit(activation, IdempotencyRules.Release(activation.Record!, executor.Token).Record));
        }

        private void Send(Action<Activation> onReceipt)
        {
            for (var copies = _random.Next(8) == 0 ? 2 : 1; copies > 0; copies--)
            {
                var activation = _activations[_random.Next(2)];
                _network.Enqueue(
                    () =>
                    {
                        if (activation.Record is null)
                        {
                            (activation.Record, activation.Etag, activation.LeaseCountedFrom) = (_row, _etag, _now);
                        }

                        onReceipt(activation);
                    },
                    _now + Delay());
            }
        }

        private void Reply(Action onReply)
        {
            if (_random.Next(10) > 0)
            {
                _network.Enqueue(onReply, _now + Delay());
            }
        }

        private bool Commit(Activation activation, IdempotencyRecord next) => Commit(activation, next, out _);

        /// <summary>As the grain does it: false means that the caller gets no answer and the activation is gone.</summary>
        private bool Commit(Activation activation, IdempotencyRecord next, out bool isWritten)
        {
            isWritten = false;
            if (ReferenceEquals(next, activation.Record))
            {
                return true;
            }

            if (activation.Etag != _etag)
            {
                activation.Record = null;
                return false;
            }

            Assert.True(next.ExecutionToken >= _row.ExecutionToken, $"seed {seed}: the token went back");
            isWritten = true;
            _row = next;
            _etag++;
            if (_random.Next(20) == 0)
            {
                activation.Record = null;
                return false;
            }

            (activation.Record, activation.Etag, activation.LeaseCountedFrom) = (next, _etag, _now);
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

        private DateTimeOffset Clock => DateTimeOffset.UnixEpoch + _now;

        private TimeSpan Delay() => TimeSpan.FromMilliseconds(_random.Next(20) == 0 ? _random.Next(60_000) : _random.Next(50));

        private Guid NewGuid()
        {
            var bytes = new byte[16];
            _random.NextBytes(bytes);
            return new Guid(bytes);
        }
    }
}
