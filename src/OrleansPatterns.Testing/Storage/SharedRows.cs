using System.Globalization;
using Orleans.Storage;

namespace OrleansPatterns.Testing.Storage;

/// <summary>Grain states of a test cluster, serialized, as a database would have them.</summary>
internal sealed class SharedRows
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string StateName, GrainId Grain), (byte[] Payload, string ETag)> _rows = [];
    private long _version;

    internal (byte[] Payload, string ETag)? Find(string stateName, GrainId grain)
    {
        lock (_gate)
        {
            return _rows.TryGetValue((stateName, grain), out var row) ? row : null;
        }
    }

    /// <summary>Writes the state, or removes it, if the stored ETag is still that one.</summary>
    /// <param name="stateName">The state's name.</param>
    /// <param name="grain">The grain.</param>
    /// <param name="eTag"><see langword="null"/>: there must be none.</param>
    /// <param name="payload"><see langword="null"/>: it is removed.</param>
    /// <returns>The new ETag: never one that was used before, so that a state that was removed and written anew is not taken for the old one.</returns>
    /// <exception cref="InconsistentStateException">It has another one.</exception>
    internal string Write(string stateName, GrainId grain, string? eTag, byte[]? payload)
    {
        lock (_gate)
        {
            var stored = _rows.TryGetValue((stateName, grain), out var row) ? row.ETag : null;
            if (stored != eTag)
            {
                throw new InconsistentStateException($"State '{stateName}' of {grain} was written by another since it was read.", stored ?? "none", eTag ?? "none");
            }

            var next = (++_version).ToString(CultureInfo.InvariantCulture);
            if (payload is null)
            {
                _rows.Remove((stateName, grain));
            }
            else
            {
                _rows[(stateName, grain)] = (payload, next);
            }

            return next;
        }
    }
}
