using OrleansPatterns.Idempotency;
using OrleansPatterns.Server.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Those who give the operation up, and close its key before they undo it.</summary>
internal sealed partial class IdempotencyWorld
{
    /// <summary>What they were told, since an execution last began or the row went.</summary>
    private SealOutcome _sealedAs;

    /// <summary>Until when they may rely on it that nothing begins.</summary>
    private TimeSpan _sealedUntil;

    /// <summary>An executor was lost without a result, and another took over.</summary>
    private bool _isAnyLost;

    private void SendSeal()
    {
        var request = new SealRequest { Retention = TimeSpan.FromMinutes(_random.Next(1, 15)) };
        Send(activation => SealAt(activation, request));
    }

    /// <summary>As the grain does it.</summary>
    private void SealAt(Activation activation, SealRequest request)
    {
        if (activation.Record is null)
        {
            var first = IdempotencyRules.Seal(new IdempotencyRecord(), request, TimeSpan.Zero, ClockOf(activation));
            if (_row is null)
            {
                Sealing(new IdempotencyRecord(), first.Record, request);
                if (Write(activation, first.Record))
                {
                    Answered(first.Reply, request);
                }

                return;
            }

            Read(activation);
        }

        var before = activation.Record!;
        var decision = IdempotencyRules.Seal(before, request, _now - activation.LeaseCountedFrom, ClockOf(activation));
        if (IdempotencyRules.EndsUnreported(before, decision.Record))
        {
            if (IsHeldByTransaction)
            {
                Answered(IdempotencyRules.StillInProgress(TimeSpan.FromSeconds(1)), request);
                return;
            }

            if (Decide(before.ExecutionToken))
            {
                if (!CommitAdopted(activation, before))
                {
                    return;
                }

                before = activation.Record!;
                decision = IdempotencyRules.Seal(before, request, TimeSpan.Zero, ClockOf(activation));
            }
        }

        if (!ReferenceEquals(before, decision.Record) && activation.Etag == _etag)
        {
            Sealing(before, decision.Record, request);
        }

        if (Commit(activation, decision.Record))
        {
            Answered(decision.Reply, request);
        }
    }

    /// <summary>A seal is being written: over a result it only keeps that for longer, else nobody may still be at work.</summary>
    private void Sealing(IdempotencyRecord before, IdempotencyRecord next, SealRequest request)
    {
        if (next.Status is ExecutionStatus.Completed or ExecutionStatus.Failed)
        {
            Assert.True(_outcome?.Token == next.ExecutionToken, $"seed {seed}, {_now}: {next.ExecutionToken} is kept although the result is {_outcome}");
            var keptUntil = _now + request.Retention;
            _outcome = _outcome with { KeptUntil = keptUntil > _outcome.KeptUntil ? keptUntil : _outcome.KeptUntil };
            _outcomes[_outcome.Token] = _outcome;
        }
        else if (before.Status != ExecutionStatus.Sealed)
        {
            var current = _executors.FirstOrDefault(executor => !executor.IsDead && _now < executor.Deadline);
            Assert.True(current is null, $"seed {seed}, {_now}: sealed while execution {current?.Token} is at work");
            Assert.True(next.ExecutionToken > _highestToken, $"seed {seed}: the seal's token {next.ExecutionToken} comes after {_highestToken}");
            _highestToken = next.ExecutionToken;
            CheckNothingIsDone();
        }
    }

    private void Answered(SealReply reply, SealRequest request)
    {
        if (reply.Outcome == SealOutcome.InProgress)
        {
            Assert.True(reply.RetryAfter > TimeSpan.Zero && reply.RetryAfter <= Lease, $"seed {seed}: to ask again after {reply.RetryAfter}");
            seen.SealsPutOff++;
            return;
        }

        Assert.True(
            _sealedAs is SealOutcome.None || _sealedAs == reply.Outcome, $"seed {seed}, {_now}: sealed as {reply.Outcome}, and earlier as {_sealedAs}");
        switch (reply.Outcome)
        {
            case SealOutcome.Completed:
                Assert.True(_outcome is { IsFailure: false }, $"seed {seed}, {_now}: sealed as completed although the result is {_outcome}");
                seen.SealsOfResults++;
                break;
            case SealOutcome.Abandoned:
                CheckNothingIsDone();
                seen.SealsOfLost++;
                break;
            default:
                CheckNothingIsDone();
                Assert.False(_isAnyLost, $"seed {seed}, {_now}: sealed as unused although an executor was lost");
                seen.SealsOfUnused++;
                break;
        }

        _sealedAs = reply.Outcome;
        _sealedUntil = _now + request.Retention > _sealedUntil ? _now + request.Retention : _sealedUntil;
    }

    private void CheckNothingIsDone() => Assert.True(
        _outcome is null or { IsFailure: true } || _now >= _outcome.KeptUntil - ClockErrors,
        $"seed {seed}, {_now}: sealed as if nothing were done although the result is {_outcome}");

    /// <summary>An execution begins.</summary>
    private void CheckNoSeal(IdempotencyRecord? before, long token)
    {
        Assert.True(_now >= _sealedUntil - ClockErrors, $"seed {seed}, {_now}: execution {token} begins although the key is sealed until {_sealedUntil}");
        _sealedAs = SealOutcome.None;
        _isAnyLost = before?.Status switch
        {
            ExecutionStatus.InProgress => true,
            ExecutionStatus.Completed or ExecutionStatus.Sealed or null => false,
            _ => _isAnyLost,
        };
    }
}
