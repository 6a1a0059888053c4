using System.Globalization;
using System.Text.RegularExpressions;
using OrleansPatterns;
using OrleansPatterns.Postgres.Locks;

namespace Npgsql;

/// <summary>The protected resource's half of a lock: refuses a writer whose fencing token is older than one that it has seen.</summary>
/// <remarks>
/// <para>
/// Needs <c>sql/004_fencing.sql</c> in a schema to which the connection's <c>search_path</c> leads, and nothing else: neither Orleans nor a
/// silo has to be near. Each call is one round trip.
/// </para>
/// <para>
/// Call it before the transaction reads anything that its writes are based on. It locks the resource until the transaction ends: writers come
/// one after the other, and one that had to wait decides by what was committed meanwhile. While another writer's transaction is open the
/// call waits, at most for the connection's <c>Command Timeout</c>. Under <c>RepeatableRead</c> or <c>Serializable</c> it fails with a
/// <see cref="PostgresException"/>, <c>SqlState</c> 40001, if the resource was fenced since the transaction's snapshot.
/// </para>
/// <para>
/// A token counts as seen once the transaction is committed; a rollback forgets it, together with what was written under it. Who reads in one
/// transaction and writes in another fences, and commits, both.
/// </para>
/// </remarks>
public static partial class NpgsqlTransactionFencingExtensions
{
    /// <summary>Goes on only if no newer token has been seen for the resource, and remembers this one.</summary>
    /// <param name="transaction">The transaction that is going to write.</param>
    /// <param name="resource">
    /// What the lock protects; the lock's name will do. See <see cref="ResourceKey"/> for what is allowed. Tokens of different locks cannot be
    /// compared.
    /// </param>
    /// <param name="fencingToken">The token that came with the lock. At least 1. The same one may come any number of times.</param>
    /// <param name="cancellationToken">Gives up waiting. The transaction is then to be rolled back.</param>
    /// <exception cref="StaleFencingTokenException">A newer token has been seen. The transaction can only be rolled back.</exception>
    /// <exception cref="ArgumentException">The resource is not allowed, or the token is less than 1. Nothing was sent.</exception>
    /// <exception cref="InvalidOperationException">The transaction has ended.</exception>
    /// <exception cref="NpgsqlException">The call failed. The transaction can only be rolled back.</exception>
    public static async Task RequireFencingTokenAsync(
        this NpgsqlTransaction transaction, string resource, long fencingToken, CancellationToken cancellationToken = default)
    {
        await using var command = Command(transaction, "select orleanspatterns_require_fence($1, $2)", resource, fencingToken);
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException refusal) when (refusal.SqlState == StaleFencingTokenException.SqlState)
        {
            // From the text, since Npgsql gives away the other parts of an error only to connections that ask for it.
            var newerToken = long.Parse(NewerToken().Match(refusal.MessageText).ValueSpan, CultureInfo.InvariantCulture);
            throw new StaleFencingTokenException(resource, fencingToken, newerToken, refusal);
        }
    }

    /// <summary>Asks whether no newer token has been seen for the resource, and if so remembers this one.</summary>
    /// <remarks>
    /// For those who answer a stale writer themselves. It leaves the transaction usable either way, and the resource locked; nothing but the
    /// caller keeps a stale writer from going on. <see cref="RequireFencingTokenAsync"/> does.
    /// </remarks>
    /// <inheritdoc cref="RequireFencingTokenAsync" path="/param"/>
    /// <returns><see langword="false"/>: a newer token has been seen. The transaction must not write.</returns>
    /// <exception cref="ArgumentException">The resource is not allowed, or the token is less than 1. Nothing was sent.</exception>
    /// <exception cref="InvalidOperationException">The transaction has ended.</exception>
    /// <exception cref="NpgsqlException">The call failed. The transaction can only be rolled back.</exception>
    public static async Task<bool> TryFenceAsync(
        this NpgsqlTransaction transaction, string resource, long fencingToken, CancellationToken cancellationToken = default)
    {
        await using var command = Command(transaction, "select orleanspatterns_fence($1, $2)", resource, fencingToken);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, string resource, long fencingToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var key = ResourceKey.Parse(resource);
        if (fencingToken < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(fencingToken), fencingToken, "A fencing token is at least 1. Pass on the one that came with the lock.");
        }

        return new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = key.Value }, new NpgsqlParameter<long> { TypedValue = fencingToken } },
        };
    }

    /// <summary>The number after the first <c>: token</c>, which stands before the resource's name.</summary>
    [GeneratedRegex("(?<=: token )[0-9]+")]
    private static partial Regex NewerToken();
}
