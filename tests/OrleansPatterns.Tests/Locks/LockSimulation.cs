using OrleansPatterns.Locks;
using OrleansPatterns.Server.Locks;

namespace OrleansPatterns.Tests.Locks;

/// <summary>
/// Clients, two activations of one lock and one ETag-checked row, in a world where everything goes wrong: messages and writes are late, lost,
/// repeated and out of order, activations crash with a write still under way, everybody may pause, and every clock runs at its own rate.
/// </summary>
/// <remarks>Replayable from its seed. It judges by what each holder believes on its own clock, never by what the rules believe.</remarks>
internal sealed class LockSimulation
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly Random _random;
    private readonly double _rateError;
    private readonly Func<LockRecord, LockState> _restore;
    private readonly Activation?[] _activations = new Activation?[2];
    private readonly Client[] _clients;
    private readonly List<Message> _messages = [];
    private readonly List<Write> _writes = [];

    private TimeSpan _now;
    private LockRecord _row = new();
    private int _etag;
    private long _highestHeld;

    /// <param name="seed">The same seed is the same run.</param>
    /// <param name="restore">What a fresh activation makes of the record it has read.</param>
    /// <param name="rateError">How much too slow or too fast each clock is; two clocks differ by up to twice as much.</param>
    public LockSimulation(int seed, Func<LockRecord, LockState> restore, double rateError)
    {
        _rateError = rateError;
        _random = new Random(seed);
        _restore = restore;
        _clients = [.. Enumerable.Range(0, 4).Select(_ => new Client(Rate()))];
    }

    public int Holds { get; private set; }

    public int Takeovers { get; private set; }

    public int Renewals { get; private set; }

    public int RefusedWrites { get; private set; }

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
        switch (_random.Next(100))
        {
            case < 55 when _messages.Count > 0:
                return Deliver(Take(_messages));
            case < 75 when _writes.Count > 0:
                return Finish(Take(_writes));
            case 75 when _messages.Count > 0:
                Take(_messages);
                return null;
            case 76 when _random.Next(4) == 0:
                _activations[_random.Next(2)] = null;
                return null;
            case 77 or 78:
                Command(_activations[_random.Next(2)], state => (LockRules.Settle(state.State, state.Now), null));
                return null;
            default:
                if (_messages.Count < 12)
                {
                    Act(_clients[_random.Next(_clients.Length)]);
                }

                return null;
        }
    }

    private string? Check()
    {
        var holders = _clients.Where(client => client.Holds(_now)).ToList();
        return holders.Count < 2 ? null : $"two holders: tokens {string.Join(" and ", holders.Select(holder => holder.Token))}";
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
                var (id, token) = (client.RequestId, client.Token);
                client.Reset();
                Send(client, state => (LockRules.Release(state.State, id, token, state.Now).Next, null), token);
            }
            else
            {
                SendRenewal(client, client.Token);
            }
        }
        else if (client.RequestId == Guid.Empty)
        {
            client.RequestId = NewGuid();
            client.AskedAt = _now;
        }
        else if (_random.Next(20) == 0)
        {
            var id = client.RequestId;
            client.Reset();
            Send(client, state => (LockRules.Cancel(state.State, id, state.Now), null));
        }
        else if (_random.Next(2) == 0)
        {
            var request = new LockRequest
            {
                RequestId = client.RequestId, Owner = "simulated", Lease = Lease, Wait = _random.Next(4) > 0, WaitedFor = _now - client.AskedAt,
            };
            var sentAt = client.Clock(_now);
            Send(client, state =>
            {
                var (next, reply) = LockRules.Acquire(state.State, request, state.Now);
                return (next, () => reply.Outcome == LockOutcome.Granted ? Held(client, request.RequestId, reply.FencingToken, sentAt) : null);
            });
        }
        else
        {
            var id = client.RequestId;
            Send(client, state =>
            {
                var reply = LockRules.Look(state.State, id, state.Now);
                var queue = LockRules.Hear(state.State.Queue, id, LockBounds.WaitSlice, state.Now);
                return (state.State with { Queue = queue }, () =>
                {
                    if (reply.Outcome == LockOutcome.Granted && client.RequestId == id && client.Deadline is null)
                    {
                        SendRenewal(client, reply.FencingToken);
                    }

                    return null;
                });
            });
        }
    }

    private void SendRenewal(Client client, long token)
    {
        var id = client.RequestId;
        var sentAt = client.Clock(_now);
        Send(
            client,
            state =>
            {
                var (next, outcome) = LockRules.Renew(state.State, id, token, Lease, state.Now);
                return (next, () => outcome == RenewOutcome.Renewed ? Held(client, id, token, sentAt) : null);
            },
            token,
            isRenewal: true);
    }

    /// <summary>The client learns that it holds the lock: from before the sending of what is answered, on its own clock.</summary>
    private string? Held(Client client, Guid id, long token, TimeSpan sentAt)
    {
        if (client.RequestId != id || client.Clock(_now) >= sentAt + Lease)
        {
            return null;
        }

        if (client.Deadline is null)
        {
            client.Token = token;
            client.Deadline = sentAt + Lease;
            Holds++;
            if (token <= _highestHeld)
            {
                return $"token {token} held after token {_highestHeld}";
            }

            _highestHeld = token;
        }
        else if (client.Holds(_now) && client.Token == token)
        {
            Renewals++;
            client.Deadline = sentAt + Lease > client.Deadline ? sentAt + Lease : client.Deadline;
        }

        return null;
    }

    private void Send(Client client, Func<(LockState State, TimeSpan Now), (LockState, Func<string?>?)> command, long token = 0, bool isRenewal = false) =>
        _messages.Add(new Message(client.RequestId, command, token, isRenewal));

    private string? Deliver(Message message)
    {
        if (_random.Next(12) == 0)
        {
            // It arrives a second time, whenever that may be.
            _messages.Add(message);
        }

        if (message.Answer is { } answer)
        {
            return answer();
        }

        // A message waits while its activation is not ready for it.
        var slot = _random.Next(2);
        if (_activations[slot] is not { } activation)
        {
            // The read takes its time as well; the activation counts from after it.
            var (row, etag) = (_row, _etag);
            _activations[slot] = new Activation(row, etag, Rate());
            _messages.Add(message);
            return null;
        }

        if (activation.StartedAt is null)
        {
            activation.StartedAt = _now;
            activation.State = _restore(activation.State.Record);
        }

        if (message.Token > activation.State.Record.LastToken && !activation.IsWriting)
        {
            // The grain reads again; a crash and a fresh activation come to the same.
            _activations[slot] = null;
            _messages.Add(message);
            return null;
        }

        if (!Command(activation, message.Command))
        {
            _messages.Add(message);
            return null;
        }

        if (message.IsRenewal && !activation.IsWriting && _row.Holder is { } holder && holder.RequestId == message.RequestId && holder.Token == message.Token)
        {
            return $"a renewal by the holder (token {message.Token}) was refused";
        }

        return null;
    }

    private bool Command(Activation? activation, Func<(LockState State, TimeSpan Now), (LockState Next, Func<string?>? Answer)> command)
    {
        if (activation?.StartedAt is null || activation.IsWriting)
        {
            return false;
        }

        var (next, answer) = command((activation.State, activation.Clock(_now)));
        if (ReferenceEquals(next.Record, activation.State.Record))
        {
            activation.State = next;
            Answer(answer);
        }
        else
        {
            if (activation.State.Record.Holder is { } old && next.Record.Holder is { } successor && successor.Token > old.Token
                && LockRules.HasExpired(activation.State, activation.Clock(_now)))
            {
                Takeovers++;
            }

            activation.IsWriting = true;
            activation.State = next;
            _writes.Add(new Write(activation, next.Record, activation.Etag, answer));
        }

        return true;
    }

    /// <summary>A write reaches the row, even one whose activation is gone. Its answer may still be lost.</summary>
    private string? Finish(Write write)
    {
        var landed = write.Etag == _etag;
        if (landed)
        {
            if (write.Record.LastToken < _row.LastToken)
            {
                return $"the row's token went back from {_row.LastToken} to {write.Record.LastToken}";
            }

            _row = write.Record;
            _etag++;
        }
        else
        {
            RefusedWrites++;
        }

        var slot = Array.IndexOf(_activations, write.Activation);
        if (slot < 0)
        {
            return null;
        }

        if (!landed || _random.Next(30) == 0)
        {
            // Refused, or written but not answered: either way the activation answers nobody from memory any more.
            _activations[slot] = null;
            return null;
        }

        write.Activation.IsWriting = false;
        write.Activation.Etag = _etag;
        Answer(write.Answer);
        return null;
    }

    private void Answer(Func<string?>? answer)
    {
        if (answer is not null)
        {
            _messages.Add(new Message(Guid.Empty, null!, 0, false) { Answer = answer });
        }
    }

    private T Take<T>(List<T> list)
    {
        var index = _random.Next(list.Count);
        var item = list[index];
        list.RemoveAt(index);
        return item;
    }

    private double Rate() => _random.Next(2) == 0 ? 1 - _rateError : 1 + _rateError;

    private Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private sealed class Activation(LockRecord read, int etag, double rate)
    {
        public LockState State { get; set; } = new(read, new LockQueue());

        public int Etag { get; set; } = etag;

        public bool IsWriting { get; set; }

        public TimeSpan? StartedAt { get; set; }

        public TimeSpan Clock(TimeSpan now) => (now - StartedAt!.Value) * rate;
    }

    private sealed class Client(double rate)
    {
        public Guid RequestId { get; set; }

        public TimeSpan AskedAt { get; set; }

        public long Token { get; set; }

        public TimeSpan? Deadline { get; set; }

        public TimeSpan Clock(TimeSpan now) => now * rate;

        public bool Holds(TimeSpan now) => Deadline is { } deadline && Clock(now) < deadline;

        public void Reset() => (RequestId, Token, Deadline) = (Guid.Empty, 0, null);
    }

    private sealed record Message(
        Guid RequestId, Func<(LockState State, TimeSpan Now), (LockState Next, Func<string?>? Answer)> Command, long Token, bool IsRenewal)
    {
        public Func<string?>? Answer { get; init; }
    }

    private sealed record Write(Activation Activation, LockRecord Record, int Etag, Func<string?>? Answer);
}
