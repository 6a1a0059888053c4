using OrleansPatterns.Cluster;

namespace OrleansPatterns.Postgres.Clock;

/// <summary>One look at the server's clock, between two instants of the silo's monotonic clock.</summary>
/// <param name="SentAt">Before the question was sent.</param>
/// <param name="ServerTime">What the server's clock showed in between.</param>
/// <param name="ReceivedAt">After the answer had come.</param>
internal sealed record ClockMeasurement(TimeSpan SentAt, DateTimeOffset ServerTime, TimeSpan ReceivedAt)
{
    /// <summary>The server cuts its time to whole microseconds, and the silo its own instants to 100 ns.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromMicroseconds(1);

    internal TimeSpan RoundTrip => ReceivedAt - SentAt;

    /// <summary>What the server's clock shows at a later instant of the silo's, if neither was stepped.</summary>
    /// <remarks>
    /// The server looked at its clock at some instant q that the silo does not know; but SentAt ≤ q ≤ ReceivedAt. So between q and now the silo
    /// counts at least now - ReceivedAt and at most now - SentAt. While the silo counts d, the server counts between d(1 - drift) and
    /// d(1 + drift). Both grow with d, so the least is the shortest d at the slowest rate, and the most the longest d at the fastest.
    /// </remarks>
    /// <param name="now">Not before <see cref="ReceivedAt"/>: going back in time, the slowest rate would no longer give the least.</param>
    /// <param name="maxDrift">By how much of itself a duration may be counted differently by the server and by the silo.</param>
    internal ClusterTime At(TimeSpan now, double maxDrift) => new(
        ServerTime + ((now - ReceivedAt) * (1 - maxDrift)) - Resolution,
        ServerTime + ((now - SentAt) * (1 + maxDrift)) + Resolution);
}
