using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>SHA-256 over parts, each with its length before it, so that no two lists of parts are the same bytes.</summary>
internal sealed class LengthPrefixedHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Dispose() => _hash.Dispose();

    internal LengthPrefixedHash Add(string? part) => Add(Encoding.UTF8.GetBytes(part ?? ""));

    internal LengthPrefixedHash Add(ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        _hash.AppendData(length);
        _hash.AppendData(part);
        return this;
    }

    internal string ToHex() => Convert.ToHexStringLower(_hash.GetHashAndReset());
}
