using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrleansPatterns.Server.Locks;

/// <summary>
/// Shows an activation that has never heard of a grant that an earlier one gave it: 64 bits of the SHA-256 of the lock's secret, request and
/// token. Grants from memory are in no record, so nothing else could tell a true one from an invented one.
/// </summary>
internal static class LockProof
{
    internal static long Of(Guid secret, LockGrantId id)
    {
        // Of a fixed length, so that nothing can be appended; a keyed hash would take four times as long, in every grant.
        Span<byte> grant = stackalloc byte[40];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        secret.TryWriteBytes(grant);
        id.RequestId.TryWriteBytes(grant[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(grant[32..], id.Token);
        SHA256.HashData(grant, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
