using System.Runtime.CompilerServices;

namespace OrleansPatterns;

/// <summary>A key that a user chose (a lock's name, a service name, an order id), known to be storable.</summary>
/// <remarks>
/// 1 to 512 UTF-16 code units, no control characters, no unpaired surrogate. Unpaired surrogates are refused because UTF-8 would
/// store every one of them as the same replacement character, so that two different keys would share one row.
/// Keys are compared ordinally: <c>2a</c> and <c>2A</c> are two keys.
/// </remarks>
public readonly record struct ResourceKey
{
    /// <summary>The longest key, in UTF-16 code units.</summary>
    public const int MaxLength = 512;

    private readonly string? _value;

    private ResourceKey(string value) => _value = value;

    /// <summary>The key as the user wrote it.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(ResourceKey)</c>, which names nothing.</exception>
    public string Value => _value ?? throw new InvalidOperationException("default(ResourceKey) names nothing; use ResourceKey.Parse.");

    /// <summary>Checks <paramref name="key"/> and wraps it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="parameterName">Filled in by the compiler: the caller's expression, named in the exception.</param>
    /// <exception cref="ArgumentException">The key is null, empty, too long, or has a control character or an unpaired surrogate.</exception>
    public static ResourceKey Parse(string? key, [CallerArgumentExpression(nameof(key))] string? parameterName = null) =>
        FaultOf(key) is { } fault ? throw new ArgumentException(fault, parameterName) : new ResourceKey(key!);

    internal static bool IsValid(string key) => FaultOf(key) is null;

    private static string? FaultOf(string? key)
    {
        if (string.IsNullOrEmpty(key))
        {
            return "A key is 1 to 512 characters long; this one is empty. Give the thing a name.";
        }

        if (key.Length > MaxLength)
        {
            return $"A key is 1 to {MaxLength} characters long; this one has {key.Length} ('{key[..32]}...'). Shorten it, for instance by hashing.";
        }

        for (var index = 0; index < key.Length; index++)
        {
            var character = key[index];
            if (char.IsControl(character))
            {
                return $"A key has no control characters; this one has U+{(int)character:X4} at position {index}. Remove or encode it.";
            }

            if (char.IsSurrogate(character))
            {
                if (!char.IsSurrogatePair(key, index))
                {
                    return $"A key is valid Unicode; this one has the unpaired surrogate U+{(int)character:X4} at position {index}. Remove or encode it.";
                }

                index++;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "";
}
