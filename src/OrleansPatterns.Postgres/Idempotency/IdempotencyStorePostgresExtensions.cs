using System.Runtime.ExceptionServices;
using System.Text.Json;
using Npgsql;
using OrleansPatterns.Cluster;
using OrleansPatterns.Postgres.Idempotency;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Idempotency;

/// <summary>Idempotent work that is one transaction in the cluster's own database.</summary>
public static class IdempotencyStorePostgresExtensions
{
    /// <summary>Runs the work in a transaction that also records its result, or answers with the result of the execution that did.</summary>
    /// <remarks>
    /// <para>
    /// The work takes effect exactly once, whoever dies when, as far as it is nothing but writes in the transaction it is given: effect and result
    /// are committed together. The transaction is committed here and must not be ended by the work. It is <c>ReadCommitted</c>, unless
    /// the work begins with <c>set transaction isolation level</c>.
    /// </para>
    /// <para>
    /// What else goes wrong, a result that cannot be serialized or is too large, or a commit that the server refuses, rolls the work back and
    /// frees the key. When the connection breaks during the commit, its outcome is unknown here and the exception goes to the caller; the
    /// cluster finds out before anybody else may run, so repeating the call is safe.
    /// </para>
    /// </remarks>
    /// <typeparam name="T">The result; stored as JSON by System.Text.Json. May be <see langword="null"/>.</typeparam>
    /// <param name="store">The store.</param>
    /// <param name="key">The operation; a string is a key in the default scope.</param>
    /// <param name="fingerprint">Stands for the payload; a string is taken as it is.</param>
    /// <param name="dataSource">The cluster's database: the one that the silos' <c>UsePostgres</c> names.</param>
    /// <param name="work">
    /// The work. Its token fires when <paramref name="cancellationToken"/> does and when the execution is lost. What it throws rolls the transaction
    /// back, frees the key and goes to the caller, unless <see cref="IdempotencyOptions.OnFailure"/> says <see cref="OnFailure.Remember"/>.
    /// </param>
    /// <param name="options">For this call; <see langword="null"/> (default): the configured ones.</param>
    /// <param name="cancellationToken">Ends the waiting for another execution and cancels the work. A commit that was begun is waited for.</param>
    /// <returns>The result, the caller's own or the remembered one.</returns>
    /// <exception cref="ArgumentException">The options are outside their bounds.</exception>
    /// <exception cref="InvalidOperationException">The key or the fingerprint is <c>default</c>.</exception>
    /// <exception cref="IdempotencyInProgressException">
    /// Another execution ran, or its transaction stayed open, for all of <see cref="IdempotencyOptions.WaitForResult"/>.
    /// </exception>
    /// <exception cref="IdempotencyFingerprintMismatchException">The key was used with another payload; also while that still runs.</exception>
    /// <exception cref="IdempotencyParkedException">An earlier executor was lost, and the key waits for an operator.</exception>
    /// <exception cref="IdempotencySealedException">The operation was given up, and its key closed to late calls.</exception>
    /// <exception cref="IdempotencyFailedException">The work failed, now or earlier, and its failure is remembered.</exception>
    /// <exception cref="IdempotencyExecutionLostException">The execution was lost before it committed. Nothing has taken effect.</exception>
    /// <exception cref="IdempotencyResultTooLargeException">
    /// The result is over <see cref="IdempotencyOptions.MaxResultBytes"/>. The work was rolled back, and the key is free.
    /// </exception>
    /// <exception cref="IdempotencyDatabaseMismatchException">The data source is not the cluster's database. Nothing has taken effect.</exception>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer. The work has not run.</exception>
    /// <exception cref="NpgsqlException">The database failed. Repeat the call to learn whether the work has taken effect.</exception>
    public static async Task<T> ExecuteInTransactionAsync<T>(
        this IIdempotencyStore store,
        IdempotencyKey key,
        RequestFingerprint fingerprint,
        NpgsqlDataSource dataSource,
        Func<NpgsqlTransaction, CancellationToken, Task<T>> work,
        IdempotencyOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentNullException.ThrowIfNull(work);
        var beginning = await store.BeginAsync(key, fingerprint, options, cancellationToken);
        if (!beginning.IsStarted)
        {
            return JsonSerializer.Deserialize<T>(beginning.Result.Span, beginning.SerializerOptions ?? options?.SerializerOptions)!;
        }

        await using var execution = beginning.Execution;
        using var activity = IdempotencyTelemetry.Execute(execution);
        try
        {
            return await ExecuteAsync(execution, dataSource, work, cancellationToken);
        }
        catch (Exception exception)
        {
            activity.Fail(exception);
            throw;
        }
    }

    private static async Task<T> ExecuteAsync<T>(
        IdempotentExecution execution,
        NpgsqlDataSource dataSource,
        Func<NpgsqlTransaction, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        Attempt<T> attempt;
        try
        {
            attempt = await CommitAsync(execution, dataSource, work, cancellationToken);
        }
        catch (OperationCanceledException exception) when (execution.LostToken.IsCancellationRequested)
        {
            throw new IdempotencyExecutionLostException(execution.Key, execution.ExecutionToken, exception);
        }

        if (attempt.Fault is { } fault)
        {
            // So thrown, the work's own fault keeps the trace of where it comes from.
            ExceptionDispatchInfo.Throw(await execution.FailedAsync(fault));
        }

        try
        {
            await execution.CompleteAsync(attempt.Bytes, CancellationToken.None);
        }
        catch (Exception unknown) when (unknown is ClusterUnavailableException or IdempotencyExecutionLostException)
        {
            // Effect and result are committed. The cluster finds them as the execution is disposed, or when it is next asked.
        }

        return attempt.Result;
    }

    /// <summary>A fault of the work's own is an answer: by then the transaction is rolled back, and the key may be freed.</summary>
    private static async Task<Attempt<T>> CommitAsync<T>(
        IdempotentExecution execution,
        NpgsqlDataSource dataSource,
        Func<NpgsqlTransaction, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, execution.LostToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancelled.Token);
        await using var transaction = await connection.BeginTransactionAsync(cancelled.Token);
        T result;
        try
        {
            result = await work(transaction, cancelled.Token);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !execution.LostToken.IsCancellationRequested)
        {
            return new Attempt<T>(default!, [], fault);
        }

        var bytes = JsonSerializer.SerializeToUtf8Bytes(result, execution.Options.SerializerOptions);
        await transaction.CompleteExecutionAsync(execution, bytes, cancelled.Token);
        await transaction.CommitAsync(CancellationToken.None);
        return new Attempt<T>(result, bytes, Fault: null);
    }

    private readonly record struct Attempt<T>(T Result, byte[] Bytes, Exception? Fault);
}
