using OrleansPatterns.Idempotency;
using OrleansPatterns.Server.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>The database's side: transactions that complete an execution, and the row by which either they or a takeover comes first.</summary>
internal sealed partial class IdempotencyWorld
{
    private void OpenTransaction(Executor executor)
    {
        if (_now >= executor.BegunAt + Retention && _now >= executor.Deadline)
        {
            // As IdempotentExecution does it: by now the key may have been forgotten.
            executor.IsDead = true;
            return;
        }

        // The completing statement, which takes the row's lock; the commit comes later, or never.
        var isAllowed = !IsHeldByTransaction
            && (_completion.Token < executor.Token || _completion == (executor.Token, true));
        if (isAllowed)
        {
            executor.TransactionOpenedAt = _now;
            executor.HasUsedTransaction = true;
        }
        else if (_completion.Token >= executor.Token)
        {
            seen.FencedTransactions++;
            executor.IsDead = true;
        }
    }

    private void EndTransaction()
    {
        if (_executors.FirstOrDefault(executor => executor.HasTransaction) is not { } executor)
        {
            return;
        }

        var isTooOld = _now >= executor.TransactionOpenedAt + MaxTransaction;
        executor.TransactionOpenedAt = null;
        if (isTooOld || _random.Next(4) == 0)
        {
            // Rolled back, and its connection gone.
            executor.IsDead = true;
            return;
        }

        if (_completion != (executor.Token, true))
        {
            _completion = (executor.Token, true);
            Assert.True(_outcome is null, $"seed {seed}, {_now}: a second effect");
            Assert.True(_row?.Status != ExecutionStatus.Sealed, $"seed {seed}, {_now}: execution {executor.Token} commits although the key is sealed");
            Keep(new Outcome(executor.Token, IsFailure: false, _now + Retention));
        }

        if (_random.Next(2) == 0)
        {
            SendCommitted(executor);
        }
        else
        {
            executor.IsDead = true;
        }
    }

    private void SendCommitted(Executor executor) => Send(activation =>
    {
        var decision = IdempotencyRules.Complete(Known(activation, executor.Token), CompletionOf(executor), ClockOf(activation));
        Assert.True(
            decision.Reply == ExecutionClaim.Current || _outcome?.Token != executor.Token || _now >= _outcome.KeptUntil,
            $"seed {seed}, {_now}: the committed execution {executor.Token} is refused");
        if (!ReferenceEquals(decision.Record, activation.Record))
        {
            KeepLonger(activation, executor.Token);
        }

        Commit(activation, decision.Record);
    });

    /// <summary>A transaction's result is kept from when the grain learns of it.</summary>
    private void KeepLonger(Activation activation, long token)
    {
        if (activation.Etag == _etag)
        {
            var isCurrent = _outcome?.Token == token;
            _outcomes[token] = _outcomes[token] with { KeptUntil = _now + Retention };
            _outcome = isCurrent ? _outcomes[token] : _outcome;
        }
    }

    /// <summary>One row for the key, which an open transaction has locked, whatever its token.</summary>
    private bool IsHeldByTransaction => _executors.Any(executor => executor.HasTransaction);

    /// <summary>The database's decision about a token, as its statement makes it: whether it was completed; otherwise it never will be.</summary>
    private bool Decide(long token)
    {
        if (_completion.Token < token)
        {
            _completion = (token, false);
        }

        return _completion == (token, true);
    }

    private bool CommitAdopted(Activation activation, IdempotencyRecord before)
    {
        seen.Adopted++;
        var request = new CompleteRequest
        {
            ExecutionToken = before.ExecutionToken, Result = BitConverter.GetBytes(before.ExecutionToken), Retention = Retention,
        };
        KeepLonger(activation, before.ExecutionToken);
        return Commit(activation, IdempotencyRules.Complete(before, request, ClockOf(activation)).Record);
    }
}
