using OrleansPatterns.Locks;

namespace OrleansPatterns.PostgresTests.Locks;

/// <summary>Who held what and when, as the holders themselves believed, on the one monotonic clock of this process.</summary>
internal sealed class LockHistory
{
    private readonly Lock _gate = new();
    private readonly List<Hold> _holds = [];
    private readonly Dictionary<string, int> _counts = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Add(Hold hold)
    {
        TaskCompletionSource added;
        lock (_gate)
        {
            _holds.Add(hold);
            _counts[hold.Key] = _counts.GetValueOrDefault(hold.Key) + 1;
            (added, _added) = (_added, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        added.SetResult();
    }

    internal int CountOf(string key)
    {
        lock (_gate)
        {
            return _counts.GetValueOrDefault(key);
        }
    }

    /// <summary>Waits until every one of these keys has been held and given back so many times more.</summary>
    internal async Task MoreOfEachAsync(IReadOnlyCollection<string> keys, int more, CancellationToken cancellationToken)
    {
        var goals = keys.ToDictionary(key => key, key => CountOf(key) + more);
        while (true)
        {
            Task added;
            lock (_gate)
            {
                added = _added.Task;
            }

            if (goals.All(goal => CountOf(goal.Key) >= goal.Value))
            {
                return;
            }

            await added.WaitAsync(cancellationToken);
        }
    }

    /// <summary>What cannot have happened if the locks are any.</summary>
    /// <param name="permits">Of those that are semaphores.</param>
    internal IEnumerable<string> Faults(IReadOnlyDictionary<string, int> permits) => _holds
        .GroupBy(hold => hold.Key)
        .SelectMany(holds => Faults([.. holds], permits.GetValueOrDefault(holds.Key)));

    private static IEnumerable<string> Faults(List<Hold> holds, int permits)
    {
        foreach (var twice in holds.GroupBy(hold => hold.Token).Where(same => same.Count() > 1))
        {
            yield return $"{holds[0].Key}: token {twice.Key} was granted {twice.Count()} times";
        }

        // Beginnings and ends in the order of time; an end at the same instant as a beginning comes first.
        List<Hold> current = [];
        Dictionary<LockMode, Hold> ended = [];
        foreach (var (_, isEnd, hold) in holds
            .SelectMany(hold => new[] { (At: hold.From, IsEnd: false, Hold: hold), (At: hold.To, IsEnd: true, Hold: hold) })
            .OrderBy(one => one.At)
            .ThenByDescending(one => one.IsEnd))
        {
            if (isEnd)
            {
                current.Remove(hold);
                ended[hold.Mode] = ended.TryGetValue(hold.Mode, out var latest) && latest.Token > hold.Token ? latest : hold;
                continue;
            }

            if (permits > 0 ? current.Count >= permits : current.Exists(hold.Excludes))
            {
                yield return $"{hold} began while these lasted: {string.Join(", ", current)}";
            }

            // By this the resource tells a holder from those before it. Places of a semaphore are not told apart.
            if (permits == 0 && ended.Values.FirstOrDefault(other => hold.Excludes(other) && other.Token > hold.Token) is { } higher)
            {
                yield return $"{hold} began after this one had ended: {higher}";
            }

            current.Add(hold);
        }
    }

    /// <param name="Key">The lock.</param>
    /// <param name="Mode">As what.</param>
    /// <param name="Token">The fencing token.</param>
    /// <param name="From">A timestamp after the acquire had returned.</param>
    /// <param name="To">A timestamp before the release was called, or of the loss.</param>
    internal sealed record Hold(string Key, LockMode Mode, long Token, long From, long To)
    {
        internal bool Excludes(Hold other) => Mode == LockMode.Write || other.Mode == LockMode.Write;
    }
}
