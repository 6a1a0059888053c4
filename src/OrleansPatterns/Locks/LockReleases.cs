using System.Collections.Immutable;

namespace OrleansPatterns.Locks;

/// <summary>
/// Releases of this process that may still be under way. The next request for the same lock repeats them, so that it cannot overtake them; and
/// a release that got lost is made good by it.
/// </summary>
internal sealed class LockReleases(TimeProvider time)
{
    /// <summary>Far longer than a call that is not lost takes.</summary>
    private static readonly TimeSpan Generation = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();

    private Dictionary<string, ImmutableArray<LockRelease>> _recent = [];
    private Dictionary<string, ImmutableArray<LockRelease>> _older = [];
    private long _since = time.GetTimestamp();

    internal void Add(string key, LockRelease release)
    {
        lock (_gate)
        {
            // Forgotten by the generation: nothing has to be done for those that nobody asks for.
            if (time.GetElapsedTime(_since) >= Generation)
            {
                (_recent, _older, _since) = ([], _recent, time.GetTimestamp());
            }

            var releases = _recent.GetValueOrDefault(key, []);
            _recent[key] = (releases.Length < LockBounds.MaxReleases ? releases : releases.RemoveAt(0)).Add(release);
        }
    }

    /// <summary>Those of a lock, which whoever asks is about to repeat. If that fails, it repeats them again by itself.</summary>
    internal ImmutableArray<LockRelease> Take(string key)
    {
        lock (_gate)
        {
            if (!_recent.Remove(key, out var recent))
            {
                recent = [];
            }

            if (!_older.Remove(key, out var older))
            {
                return recent;
            }

            var all = older.AddRange(recent);
            return all.Length <= LockBounds.MaxReleases ? all : [.. all.TakeLast(LockBounds.MaxReleases)];
        }
    }
}
