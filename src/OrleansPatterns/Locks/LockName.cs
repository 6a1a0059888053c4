using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OrleansPatterns.Locks;

/// <summary>Makes a lock's grain key of any name.</summary>
/// <remarks>
/// Medallion's providers take any name that is not <see langword="null"/>. One that is no <see cref="ResourceKey"/> (empty, too long, with
/// control characters or broken surrogates) is stored under its SHA-256, and so is one that looks like the key of such a name.
/// </remarks>
internal static class LockName
{
    private const string HashPrefix = "sha256:";

    /// <summary>Whether it may be the key of a name that is no key, as lists show it. It may also be a lock's name, such as the digest of an image.</summary>
    internal static bool LooksHashed(string name) =>
        name.Length == HashPrefix.Length + (2 * SHA256.HashSizeInBytes)
        && name.StartsWith(HashPrefix, StringComparison.Ordinal)
        && name.Skip(HashPrefix.Length).All(char.IsAsciiHexDigitLower);

    internal static string ToKey(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!name.StartsWith(HashPrefix, StringComparison.Ordinal) && ResourceKey.IsValid(name))
        {
            return name;
        }

        // Of the UTF-16 code units, not of UTF-8, which would write every broken surrogate as the same character.
        return HashPrefix + Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(name.AsSpan())));
    }
}
