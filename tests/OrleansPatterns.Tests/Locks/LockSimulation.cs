using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using OrleansPatterns.Server.Locks;

namespace OrleansPatterns.Tests.Locks;

/// <summary>
/// Clients, two activations of one lock and one ETag-checked row, in a world where everything goes wrong: messages and writes are late, lost,
/// repeated and out of order, activations crash with a write still under way, go on without knowing that they were replaced, or hand on in
/// order, an operator breaks holds, everybody may pause, and every clock runs at its own rate and is known with an error only.
/// </summary>
/// <remarks>Replayable from its seed. It judges by what each holder believes on its own clock, never by what the rules believe.</remarks>
internal sealed class LockSimulation
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random;

    /// <summary>Apart, so that schedules do not depend on it.</summary>
    private readonly Random _firstTokens;
    private readonly LockWorld _world;
    private readonly SimulatedActivation?[] _activations = new SimulatedActivation?[2];
    private readonly Client[] _clients;
    private readonly List<Message> _messages = [];
    private readonly List<SimulatedWrite> _writes = [];

    private TimeSpan _now;
    private LockRecord _row = new();
    private int _etag;
    private long _highestGranted;

    /// <summary>When an operator's break of a token became durable.</summary>
    private readonly Dictionary<long, TimeSpan> _brokenAt = [];

    /// <summary>Where calls go at the moment, as a rule.</summary>
    private int _directory;

    public LockSimulation(int seed, LockWorld world)
    {
        (_random, _firstTokens, _world) = (new Random(seed), new Random(seed), world);
        _clients = [.. Enumerable.Range(0, 5).Select(_ => new Client(Rate()))];
    }

    public LockSimulationCounts Counts { get; } = new();

    /// <summary>What went wrong, or <see langword="null"/>.</summary>
    public string? Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            // Bursts in which much happens at once, quiet times, and now and then a pause longer than a lease.
            _now += TimeSpan.FromMilliseconds(_random.Next(500) switch
            {
                0 => _random.Next(20_000),
                < 400 => _random.Next(4),
                _ => _random.Next(400),
            });
            if ((Step() ?? Check()) is { } fault)
            {
                return $"step {step}, {_now}: {fault}";
            }
        }

        return null;
    }

    private string? Step()
    {
        switch (_random.Next(200))
        {
            case < 110 when _messages.Count > 0:
                return Deliver(Take(_messages));
            case < 150 when _writes.Count > 0:
                return Land(Take(_writes));
            case 150 or 151 when _messages.Count > 0:
                Counts.LostMessages++;
                Take(_messages);
                return null;
            case 152 when _random.Next(2) == 0:
                Counts.Crashes++;
                _activations[_random.Next(2)] = null;
                return null;
            case 153 when _random.Next(2) == 0:
                HandOn(_random.Next(2));
                return null;
            case 154 or 155 when _world.HasBreaks && _random.Next(4) == 0:
                _messages.Add(new Message(Break) { Slot = AnySlot() });
                return null;
            case 156 when _random.Next(4) == 0:
                _directory = 1 - _directory;
                return null;
            case 157 or 158:
                _activations[_random.Next(2)]?.EndASlice();
                return null;
            case < 164:
                return _activations[_random.Next(2)] is { } activation ? Run(activation, TakeTurns) : null;
            default:
                if (_messages.Count < 14)
                {
                    Act(_clients[_random.Next(_clients.Length)]);
                }

                return null;
        }
    }

    private string? Check()
    {
        var holders = _clients.Where(client => client.Counts(_now)).ToList();
        for (var first = 0; first < holders.Count; first++)
        {
            for (var second = first + 1; second < holders.Count; second++)
            {
                if (_world.Permits == 0 && !LockQueue.MayHoldTogether(holders[first].Mode, holders[second].Mode))
                {
                    return $"two holders: {holders[first]} and {holders[second]}";
                }
            }
        }

        return _world.Permits > 0 && holders.Count > _world.Permits ? $"{holders.Count} holders: {string.Join(", ", holders)}" : null;
    }

    /// <summary>A client does what is next for it, at whatever time it gets round to it.</summary>
    private void Act(Client client)
    {
        if (client.Deadline is not null)
        {
            if (!client.Holds(_now))
            {
                client.Reset();
            }
            else if (_random.Next(8) == 0)
            {
                var id = new LockGrantId(client.RequestId, client.Token);
                client.Reset();
                Send((state, arrivedAt, now) => Silent(LockRules.Release(state, id, arrivedAt, now, _world.Terms)));
            }
            else
            {
                SendRenewal(client, client.Token, client.Proof);
            }
        }
        else if (client.RequestId == Guid.Empty)
        {
            client.RequestId = NewGuid();
            client.AskedAt = _now;
            client.Mode = _world.Modes[_random.Next(_world.Modes.Length)];
        }
        else if (_random.Next(20) == 0)
        {
            var id = client.RequestId;
            client.Reset();
            Send((state, _, now) => new LockDecision<Answer?>(LockRules.Cancel(state, id, now, _world.Terms), null));
        }
        else
        {
            SendAcquire(client);
        }
    }

    private void SendAcquire(Client client)
    {
        var request = new LockRequest
        {
            RequestId = client.RequestId,
            Owner = "simulated",
            Lease = Lease,
            Mode = client.Mode,
            Permits = _world.Permits,
            WaitFor = _random.Next(4) > 0 ? LockBounds.WaitSlice : TimeSpan.Zero,
            WaitedFor = _now - client.AskedAt,
        };
        var sentAt = client.Clock(_now);
        Send((state, arrivedAt, now) =>
        {
            var (next, reply, needsWrite) = LockRules.Acquire(state, request, null, arrivedAt, now, _world.Terms);
            return needsWrite || reply is null ? new(next, null, needsWrite)
                : reply.Outcome == LockOutcome.Queued ? new(next, new Answer(Parks: request.RequestId, OnReply: (later, decidedAt) => Granted(client, request, later, sentAt, decidedAt)))
                : new(next, new Answer(Parks: null, OnReply: (_, decidedAt) => Granted(client, request, reply, sentAt, decidedAt)));
        });
    }

    /// <summary>A grant reaches its client, in answer to a call that was sent at <paramref name="sentAt"/> by the client's clock.</summary>
    private string? Granted(Client client, LockRequest request, LockReply? reply, TimeSpan sentAt, TimeSpan decidedAt)
    {
        if (reply is not { Outcome: LockOutcome.Granted } || client.RequestId != request.RequestId || client.Deadline is not null)
        {
            return null;
        }

        if (_world.Removed == LockRule.ConfirmationOfParkedGrants && reply.Lease < Lease)
        {
            return Held(client, request.RequestId, reply.FencingToken, reply.Proof, client.Clock(_now) + Lease, decidedAt);
        }

        // With little left of a provisional grant the client confirms first, and counts from the sending of that.
        if (reply.Lease == Lease || _random.Next(2) == 0)
        {
            return Held(client, request.RequestId, reply.FencingToken, reply.Proof, sentAt + reply.Lease, decidedAt);
        }

        SendRenewal(client, reply.FencingToken, reply.Proof);
        return null;
    }

    private void SendRenewal(Client client, long token, long proof)
    {
        var renewal = new LockRenewal
        {
            RequestId = client.RequestId,
            FencingToken = token,
            Proof = proof,
            Lease = Lease,
            Owner = "simulated",
            Mode = client.Mode,
            Permits = _world.Permits,
            IsConfirmation = client.Deadline is null,
        };
        var sentAt = client.Clock(_now);
        Send((state, arrivedAt, now) =>
        {
            var (next, outcome, needsWrite) = LockRules.Renew(state, renewal, null, arrivedAt, now, _world.Terms);
            if (needsWrite)
            {
                return new(next, null, true);
            }

            if (outcome == RenewOutcome.NotHolder)
            {
                return new(next, new Answer(null, (_, _) => Refused(client, renewal)));
            }

            if (state.Holder(new LockGrantId(renewal.RequestId, token)) is null)
            {
                Counts.Adoptions++;
            }

            return new(next, new Answer(null, (_, decidedAt) => Held(client, renewal.RequestId, token, proof, sentAt + Lease, decidedAt)));
        });
    }

    /// <summary>The client learns that it holds the lock until <paramref name="deadline"/>, on its own clock.</summary>
    private string? Held(Client client, Guid id, long token, long proof, TimeSpan deadline, TimeSpan decidedAt)
    {
        if (client.RequestId != id || client.Clock(_now) >= deadline)
        {
            return null;
        }

        if (client.Deadline is null)
        {
            (client.Token, client.Proof, client.Deadline, client.IsBroken) = (token, proof, deadline, IsBroken(token, decidedAt));
            Counts.Holds++;
            return _clients.Any(other => other != client && other.Token == token) ? $"token {token} was granted twice" : null;
        }

        if (client.Holds(_now) && client.Token == token)
        {
            Counts.Renewals++;
            client.IsBroken = IsBroken(token, decidedAt);
            client.Deadline = deadline > client.Deadline ? deadline : client.Deadline;
        }

        return null;
    }

    /// <summary>A broken holder counts again when somebody renews it after the break.</summary>
    private bool IsBroken(long token, TimeSpan decidedAt) => _brokenAt.TryGetValue(token, out var brokenAt) && decidedAt <= brokenAt;

    private string? Refused(Client client, LockRenewal renewal)
    {
        if (client.RequestId != renewal.RequestId || client.Token != renewal.FencingToken || renewal.IsConfirmation)
        {
            // Who was refused a confirmation holds nothing, and asks again.
            return null;
        }

        // A semaphore's surplus claims, and holders with a lower token than a broken one, are refused although they hold.
        var isInjustice = client.Holds(_now) && !_world.HasBreaks && _world.Permits == 0 && _world.Removed == LockRule.None;
        var holder = client.ToString();
        client.Reset();
        return isInjustice ? $"a renewal by a true holder was refused: {holder}" : null;
    }

    private LockDecision<Answer?> Break(LockState state, TimeSpan arrivedAt, TimeSpan now)
    {
        if (arrivedAt == now)
        {
            var token = state.Holders.IsEmpty || _random.Next(2) == 0 ? 0 : state.Holders[_random.Next(state.Holders.Length)].Id.Token;
            return new(LockRules.Break(state, token, now).Next, null, true);
        }

        if (!LockRules.IsBroken(state, arrivedAt))
        {
            return new(state, null, true);
        }

        Counts.Breaks++;
        return new(state, null);
    }

    private LockDecision<Answer?> TakeTurns(LockState state, TimeSpan arrivedAt, TimeSpan now)
    {
        var (next, wantsWrite) = LockQueue.Settle(state, now, _world.Terms);
        return new(next, null, wantsWrite);
    }

    private static LockDecision<Answer?> Silent<T>(LockDecision<T> decision) => new(decision.Next, null, decision.NeedsWrite);

    private void Send(Command command) => _messages.Add(new Message(command) { Slot = AnySlot() });

    private int AnySlot() => _random.Next(10) > 0 ? _directory : 1 - _directory;

    private string? Deliver(Message message)
    {
        if (_random.Next(12) == 0)
        {
            // It arrives a second time, whenever and wherever that may be.
            Counts.RepeatedMessages++;
            _messages.Add(message with { Slot = AnySlot() });
        }

        if (message.Answer is { } answer)
        {
            return answer();
        }

        if (_activations[message.Slot] is { } activation)
        {
            return Run(activation, message.Command!);
        }

        if (message.Slot != _directory && _random.Next(50) > 0)
        {
            // Nobody is there any more. Its sender finds the other one.
            _messages.Add(message with { Slot = _directory });
            return null;
        }

        // The reading takes its time as well; the activation counts from after it, and the message waits.
        _activations[message.Slot] = new SimulatedActivation(_row, _etag, Rate());
        _messages.Add(message);
        return null;
    }

    private string? Run(SimulatedActivation activation, Command command)
    {
        if (!activation.IsStarted)
        {
            var read = _world.Removed == LockRule.TokenFloor ? activation.Read with { TokenFloor = 0 } : activation.Read;

            // One of the silos may have been told to begin higher than the others.
            var firstToken = _firstTokens.Next(10) == 0 ? read.LastToken + _firstTokens.Next(1_000) : 1;
            activation.Start(_now, LockClaims.Restore(read, new LockMoment(TimeSpan.Zero, ReadClusterClock()), NewGuid(), firstToken));
            if (activation.State.GrantsFrom > TimeSpan.Zero)
            {
                Counts.Recoveries++;
                if (activation.State.GrantsFrom < LockClaims.Outlast(read.Horizon))
                {
                    Counts.RecoveriesByClock++;
                }
            }

            if (_world.Removed == LockRule.WaitForEarlierGrants)
            {
                activation.State = activation.State with { GrantsFrom = TimeSpan.Zero };
            }
        }

        return Decide(activation, command, activation.Clock(_now));
    }

    /// <summary>As the grain does it.</summary>
    private string? Decide(SimulatedActivation activation, Command command, TimeSpan arrivedAt)
    {
        if (_world.Terms.IsWriteThrough && activation.Write is not null)
        {
            activation.Waiting.Add((command, arrivedAt));
            return null;
        }

        var now = activation.Clock(_now);
        var before = activation.State;
        if (_world.Removed == LockRule.WriteBeforeTakeover && before.ConfirmedAt is not null)
        {
            before = before with { ConfirmedAt = now };
        }

        var (next, answer, needsWrite) = command(before, arrivedAt, now);
        if (needsWrite)
        {
            activation.Waiting.Add((command, arrivedAt));
        }

        if (_world.Terms.IsWriteThrough && (needsWrite || next.Holders != activation.State.Holders))
        {
            StartWrite(activation, next, () => Reply(activation, needsWrite ? null : answer));
            return null;
        }

        if (needsWrite)
        {
            return Publish(activation, next) ?? StartWrite(activation, next);
        }

        var fault = Publish(activation, next);
        Reply(activation, answer);
        if (fault is null && activation.Write is null && LockClaims.IsDueAhead(next, now, _world.Terms))
        {
            Counts.WritesAhead++;
            return StartWrite(activation, next);
        }

        return fault;
    }

    private void Reply(SimulatedActivation activation, Answer? answer)
    {
        if (answer is null)
        {
            return;
        }

        if (answer.Parks is { } requestId && activation.State.HolderOf(requestId) is null)
        {
            activation.Parked.Add((requestId, answer.OnReply));
            return;
        }

        if (activation.Etag != _etag)
        {
            Counts.AnswersByReplaced++;
        }

        var reply = answer.Parks is { } parked ? LockRules.Look(activation.State, parked, activation.Clock(_now)) : null;
        var decidedAt = _now;
        _messages.Add(new Message(null) { Answer = () => answer.OnReply(reply, decidedAt) });
    }

    /// <summary>The state as it is from now on. Parked calls whose request has got the lock are answered.</summary>
    private string? Publish(SimulatedActivation activation, LockState next)
    {
        var before = activation.State;
        activation.State = next;
        foreach (var holder in next.Holders)
        {
            if (holder.Id.Token < before.NextToken)
            {
                continue;
            }

            Counts.Grants++;
            if (holder.Id.Token <= _highestGranted)
            {
                return $"token {holder.Id.Token} was granted after token {_highestGranted}";
            }

            _highestGranted = holder.Id.Token;
        }

        foreach (var (requestId, onReply) in activation.Parked.Where(parked => next.HolderOf(parked.RequestId) is not null).ToList())
        {
            activation.Parked.RemoveAll(parked => parked.RequestId == requestId);
            Reply(activation, new Answer(requestId, onReply));
        }

        return null;
    }

    private string? StartWrite(SimulatedActivation activation, LockState state, Action? onLanded = null)
    {
        if (activation.Write is not null)
        {
            return null;
        }

        if (activation.Unsure is { } attempted)
        {
            // The outcome of the last write was unknown: it reads before it writes.
            if (_row.WriteId != activation.State.Record.WriteId && _row.WriteId != attempted.WriteId)
            {
                Drop(activation);
                return null;
            }

            (activation.Etag, activation.Unsure) = (_etag, null);
            activation.State = activation.State with { Record = activation.State.Record with { WriteId = _row.WriteId } };
            state = state with { Record = activation.State.Record };
        }

        var sentAt = activation.Clock(_now);
        var record = LockClaims.Next(state, new LockMoment(sentAt, ReadClusterClock()), _world.Terms, NewGuid());
        activation.Write = new SimulatedWrite(activation, record, activation.Etag, sentAt, onLanded is null ? null : state, onLanded)
        {
            Broken = state.Breaking.RemoveAll(token => token >= record.TokenFloor),
        };
        _writes.Add(activation.Write);
        return null;
    }

    /// <summary>A write reaches the row, even one whose activation is gone. Its answer may still be lost.</summary>
    private string? Land(SimulatedWrite write)
    {
        var landed = write.Etag == _etag;
        if (landed)
        {
            if (write.Record.LastToken < _highestGranted)
            {
                return $"the row knows of tokens up to {write.Record.LastToken}, and {_highestGranted} was granted";
            }

            (_row, _etag) = (write.Record, _etag + 1);
            Broken(write.Broken);
        }
        else
        {
            Counts.RefusedWrites++;
        }

        var activation = write.Activation;
        if (!landed && write.IsLast)
        {
            Leave(activation);
        }

        if (!_activations.Contains(activation) || activation.Write != write)
        {
            return null;
        }

        activation.Write = null;
        if (!landed)
        {
            Drop(activation);
            return null;
        }

        if (_random.Next(30) == 0)
        {
            // Written but not answered. Its callers hear of a fault; what was claimed before still is.
            Counts.LostWriteAnswers++;
            if (_world.Terms.IsWriteThrough)
            {
                Drop(activation);
                return null;
            }

            activation.Unsure = write.Record;
            activation.Waiting.Clear();
            return null;
        }

        activation.Etag = _etag;
        return Written(activation, write);
    }

    private string? Written(SimulatedActivation activation, SimulatedWrite write)
    {
        var state = write.Decided ?? activation.State;
        var written = LockClaims.Written(state, write.Record, write.SentAt);
        Broken(state.Breaking.RemoveAll(token => written.Breaking.Contains(token)));
        Counts.Takeovers += written.Holders.Count(holder => holder.EndsAt <= write.SentAt);
        var now = activation.Clock(_now);
        if (Publish(activation, _world.Terms.IsWriteThrough ? written : LockQueue.Settle(written, now, _world.Terms).State) is { } fault)
        {
            return fault;
        }

        write.OnLanded?.Invoke();
        var waiting = activation.Waiting.ToList();
        activation.Waiting.Clear();
        return waiting.Select(call => Decide(activation, call.Command, call.ArrivedAt)).FirstOrDefault(found => found is not null);
    }

    /// <summary>Told by a push, or not: then the holder goes on, and whoever renews it makes it one again.</summary>
    private void Broken(IReadOnlyList<long> tokens)
    {
        foreach (var token in tokens)
        {
            _brokenAt[token] = _now;
        }

        foreach (var client in _clients.Where(client => client.Deadline is not null && tokens.Contains(client.Token)))
        {
            client.IsBroken = true;
            if (_random.Next(2) == 0)
            {
                client.Reset();
            }
        }
    }

    private void HandOn(int slot)
    {
        if (_activations[slot] is { IsStarted: true, Write: null, Unsure: null, State.ConfirmedAt: not null } activation && !_world.Terms.IsWriteThrough)
        {
            Counts.HandedOn++;
            var sentAt = activation.Clock(_now);
            var record = LockClaims.Exact(activation.State, new LockMoment(sentAt, ReadClusterClock()), NewGuid());
            _writes.Add(new SimulatedWrite(activation, record, activation.Etag, sentAt, null, null)
            {
                Broken = activation.State.Breaking,
                IsLast = true,
            });
            _activations[slot] = null;
        }
    }

    private void Drop(SimulatedActivation activation)
    {
        _activations[Array.IndexOf(_activations, activation)] = null;
        Leave(activation);
    }

    /// <summary>An activation that was replaced tells the one that has taken its place, wherever it believes that to be.</summary>
    private void Leave(SimulatedActivation activation)
    {
        if (!_world.Terms.IsWriteThrough && LockClaims.Legacy(activation.State, new LockMoment(activation.Clock(_now), ReadClusterClock())) is { } legacy)
        {
            Send((state, _, now) => new(TakeOver(state, legacy, now), null));
        }
    }

    private LockState TakeOver(LockState state, LockRecord legacy, TimeSpan now)
    {
        var known = _world.Removed == LockRule.LegacyOfThePredecessor ? legacy with { WriteId = state.InheritedWriteId } : legacy;
        var next = LockAdoption.TakeOver(state, known, now);
        Counts.Legacies += ReferenceEquals(next, state) ? 0 : 1;
        if (_world.Removed == LockRule.WaitForBrokenOfLegacy && !ReferenceEquals(next, state))
        {
            return next with { GrantsFrom = now };
        }

        return _world.Removed == LockRule.LongerPromiseOfLegacy
            ? next with { Holders = [.. next.Holders.Select(holder => state.Holder(holder.Id) is { } before ? holder with { EndsAt = before.EndsAt } : holder)] }
            : next;
    }

    /// <summary>As silos measure it: an interval around the true time, or nothing.</summary>
    private ClusterTime? ReadClusterClock()
    {
        if (_random.Next(4) == 0)
        {
            return null;
        }

        var now = Epoch + _now;
        return new(now - TimeSpan.FromMilliseconds(_random.Next(500)), now + TimeSpan.FromMilliseconds(_random.Next(500)));
    }

    private T Take<T>(List<T> list)
    {
        var index = _random.Next(list.Count);
        var item = list[index];
        list.RemoveAt(index);
        return item;
    }

    private double Rate() => _random.Next(2) == 0 ? 1 - _world.RateError : 1 + _world.RateError;

    private Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>What a caller is told, at once or, if its request is parked, when it has got the lock.</summary>
    private sealed record Answer(Guid? Parks, Func<LockReply?, TimeSpan, string?> OnReply);

    private delegate LockDecision<Answer?> Command(LockState state, TimeSpan arrivedAt, TimeSpan now);

    private sealed record Message(Command? Command)
    {
        public int Slot { get; init; }

        public Func<string?>? Answer { get; init; }
    }

    private sealed record SimulatedWrite(
        SimulatedActivation Activation, LockRecord Record, int Etag, TimeSpan SentAt, LockState? Decided, Action? OnLanded)
    {
        /// <summary>The tokens of those whom it breaks.</summary>
        public IReadOnlyList<long> Broken { get; init; } = [];

        /// <summary>Its activation ends with it, in order.</summary>
        public bool IsLast { get; init; }
    }

    private sealed class SimulatedActivation(LockRecord read, int etag, double rate)
    {
        private TimeSpan _startedAt;

        public LockRecord Read { get; } = read;

        public LockState State { get; set; } = null!;

        public int Etag { get; set; } = etag;

        public bool IsStarted => State is not null;

        public SimulatedWrite? Write { get; set; }

        public LockRecord? Unsure { get; set; }

        /// <summary>Calls that wait for a write.</summary>
        public List<(Command Command, TimeSpan ArrivedAt)> Waiting { get; } = [];

        public List<(Guid RequestId, Func<LockReply?, TimeSpan, string?> OnReply)> Parked { get; } = [];

        public void Start(TimeSpan now, LockState state) => (_startedAt, State) = (now, state);

        public TimeSpan Clock(TimeSpan now) => (now - _startedAt) * rate;

        /// <summary>A parked call returns without the lock; its caller asks again some time.</summary>
        public void EndASlice()
        {
            if (Parked.Count > 0)
            {
                Parked.RemoveAt(0);
            }
        }
    }

    private sealed class Client(double rate)
    {
        public Guid RequestId { get; set; }

        public TimeSpan AskedAt { get; set; }

        public LockMode Mode { get; set; }

        public long Token { get; set; }

        public long Proof { get; set; }

        public TimeSpan? Deadline { get; set; }

        /// <summary>Broken by an operator, and not renewed by anybody since.</summary>
        public bool IsBroken { get; set; }

        public TimeSpan Clock(TimeSpan now) => now * rate;

        public bool Holds(TimeSpan now) => Deadline is { } deadline && Clock(now) < deadline;

        public bool Counts(TimeSpan now) => Holds(now) && !IsBroken;

        public void Reset() => (RequestId, Token, Proof, Deadline, IsBroken) = (Guid.Empty, 0, 0, null, false);

        public override string ToString() => $"{Mode} with token {Token}";
    }
}
