using System.Runtime.CompilerServices;

namespace OrleansPatterns.Idempotency;

/// <summary>Names one operation that must take effect once: a key within a scope.</summary>
/// <remarks>
/// A scope keeps the keys of different callers or operations apart; a string alone converts to a key in <see cref="DefaultScope"/>.
/// The pairs (<c>a/b</c>, <c>c</c>) and (<c>a</c>, <c>b/c</c>) are two keys. Both parts are compared ordinally.
/// </remarks>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.IdempotencyKey")]
public readonly record struct IdempotencyKey
{
    /// <summary>The scope of a key that was given as a string alone.</summary>
    public const string DefaultScope = "default";

    /// <summary>The longest key without its scope, in UTF-16 code units.</summary>
    public const int MaxKeyLength = 255;

    [Id(0)]
    private readonly string? _scope;

    [Id(1)]
    private readonly string? _key;

    /// <summary>Checks and joins scope and key.</summary>
    /// <param name="scope">
    /// At least 1 character. Scope, a slash and key together are at most 512 characters, where <c>/</c> and <c>%</c> in the scope count as 3.
    /// </param>
    /// <param name="key">1 to 255 characters.</param>
    /// <exception cref="ArgumentException">A part is null, empty or too long, or has a control character or an unpaired surrogate.</exception>
    public IdempotencyKey(string scope, string key)
    {
        if (string.IsNullOrEmpty(scope))
        {
            throw new ArgumentException("The scope of an idempotency key has at least 1 character; this one is empty.", nameof(scope));
        }

        if (string.IsNullOrEmpty(key))
        {
            throw new ArgumentException($"An idempotency key has 1 to {MaxKeyLength} characters; this one is empty.", nameof(key));
        }

        if (key.Length > MaxKeyLength)
        {
            throw new ArgumentException(
                $"An idempotency key has 1 to {MaxKeyLength} characters; this one has {key.Length} ('{key[..32]}...'). Shorten it, for instance by hashing.",
                nameof(key));
        }

        _ = ResourceKey.Parse(key);
        var joined = Join(scope, key);
        if (joined.Length > ResourceKey.MaxLength)
        {
            throw new ArgumentException(
                $"Scope and key of an idempotency key have together at most {ResourceKey.MaxLength} characters; these have {joined.Length}. Shorten the scope, for instance by hashing.",
                nameof(scope));
        }

        _ = ResourceKey.Parse(scope);
        (_scope, _key) = (scope, key);
    }

    /// <summary>A key that belongs to one tenant and one operation.</summary>
    /// <param name="tenant">Whose it is: at least 1 character.</param>
    /// <param name="operation">What it is for: at least 1 character.</param>
    /// <param name="key">1 to 255 characters.</param>
    /// <exception cref="ArgumentException">As the constructor; the scope consists of tenant, a slash and operation.</exception>
    public static IdempotencyKey For(string tenant, string operation, string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        ArgumentException.ThrowIfNullOrEmpty(operation);
        return new IdempotencyKey(Join(tenant, operation), key);
    }

    /// <summary>What keeps this key apart from equal keys of other callers or operations.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(IdempotencyKey)</c>, which names nothing.</exception>
    public string Scope => Named(_scope);

    /// <summary>The key within its scope.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(IdempotencyKey)</c>, which names nothing.</exception>
    public string Key => Named(_key);

    /// <summary>A key in <see cref="DefaultScope"/>.</summary>
    /// <param name="key">1 to 255 characters.</param>
    /// <exception cref="ArgumentException">The key is null, empty or too long, or has a control character or an unpaired surrogate.</exception>
    public static implicit operator IdempotencyKey(string key) => new(DefaultScope, key);

    /// <inheritdoc/>
    public override string ToString() => _key is null ? "" : Join(Named(_scope), _key);

    internal ResourceKey ToResourceKey() => ResourceKey.Parse(Join(Scope, Key));

    // The first slash that stands in the joined text is the one put here, so no two pairs are joined to the same text.
    private static string Join(string scope, string key) =>
        $"{scope.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal)}/{key}";

    /// <summary>Takes apart what <see cref="ToResourceKey"/> joined, as the catalog lists it.</summary>
    internal static IdempotencyKey Split(string joined)
    {
        var end = joined.IndexOf('/', StringComparison.Ordinal);
        var scope = joined[..Math.Max(end, 0)].Replace("%2F", "/", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);
        return new IdempotencyKey(scope, joined[(end + 1)..]);
    }

    private static string Named(string? part, [CallerMemberName] string member = "") =>
        part ?? throw new InvalidOperationException($"default(IdempotencyKey) names nothing and has no {member}; use its constructor or convert a string.");
}
