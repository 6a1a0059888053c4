using OrleansPatterns.Idempotency;
using OrleansPatterns.Postgres.Idempotency;

namespace Npgsql;

/// <summary>Completes an idempotent execution in the very transaction that does its work: effect and record commit or vanish together.</summary>
/// <remarks>
/// <para>
/// Needs <c>sql/006_idempotency_completions.sql</c>, which a silo runs, in a schema to which the connection's <c>search_path</c> leads, and the
/// database of the cluster itself.
/// </para>
/// <para>
/// Whoever comes after an executor that has died gets its result if the transaction has committed, and runs the work, with the guarantee that it
/// never will, if it has not. So work that is nothing but this transaction takes effect exactly once.
/// </para>
/// </remarks>
public static class NpgsqlTransactionIdempotencyExtensions
{
    /// <summary>How <c>sql/006_idempotency_completions.sql</c> reports an execution that has ended.</summary>
    internal const string Ended = "OP002";

    /// <summary>How it reports a key that is not in its database.</summary>
    internal const string Unknown = "OP003";

    /// <summary>Completes the execution when the transaction commits.</summary>
    /// <remarks>
    /// <para>
    /// Call it last: from here on the grain of the key waits for the transaction's end before it lets anybody else run. Commit next, then tell the
    /// cluster with <see cref="IdempotentExecution.CompleteAsync"/> and the same result, so that callers who wait have it at once. Without that
    /// call, disposing the execution, or the end of its lease, makes the cluster look for itself.
    /// </para>
    /// <para>May be called again in the same transaction with the same result, and in another one only after the first was rolled back.</para>
    /// </remarks>
    /// <param name="transaction">The transaction that does the work. It must not have taken its snapshot before the execution began.</param>
    /// <param name="execution">The execution.</param>
    /// <param name="result">The result; empty for messages, which have none.</param>
    /// <param name="cancellationToken">Gives up waiting. The transaction is then to be rolled back.</param>
    /// <exception cref="IdempotencyExecutionLostException">
    /// The execution has ended: another caller took over, or it was completed by an earlier transaction. This one can only be rolled back.
    /// </exception>
    /// <exception cref="IdempotencyResultTooLargeException">
    /// The result is over <see cref="IdempotencyOptions.MaxResultBytes"/>. Nothing was sent: complete with a smaller one, or roll back.
    /// </exception>
    /// <exception cref="IdempotencyDatabaseMismatchException">
    /// The key is not in the transaction's database. The transaction can only be rolled back.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The execution has been disposed.</exception>
    /// <exception cref="InvalidOperationException">The transaction has ended.</exception>
    /// <exception cref="NpgsqlException">The call failed. The transaction can only be rolled back.</exception>
    public static async Task CompleteExecutionAsync(
        this NpgsqlTransaction transaction,
        IdempotentExecution execution,
        ReadOnlyMemory<byte> result = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(execution);
        execution.CheckSize(result.Length);
        await using var command = new NpgsqlCommand(
            "select orleanspatterns_complete_execution($1, $2, $3, $4, $5)", transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = execution.ServiceId },
                new NpgsqlParameter<string> { TypedValue = execution.Key.ToString() },
                new NpgsqlParameter<long> { TypedValue = execution.ExecutionToken },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = result },
                new NpgsqlParameter<TimeSpan> { TypedValue = execution.Retention },
            },
        };
        execution.CompletesInTransaction();
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException refusal) when (refusal.SqlState == Ended)
        {
            throw new IdempotencyExecutionLostException(execution.Key, execution.ExecutionToken, refusal);
        }
        catch (PostgresException refusal) when (
            refusal.SqlState is Unknown or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedTable)
        {
            throw new IdempotencyDatabaseMismatchException(
                execution.Key, execution.ServiceId, command.Connection?.Database ?? "(unknown)", refusal);
        }
    }
}
