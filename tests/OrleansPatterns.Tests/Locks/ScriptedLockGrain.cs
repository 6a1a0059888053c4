using System.Threading.Channels;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Tests.Locks;

/// <summary>Answers a handle as the test says, without a cluster.</summary>
internal sealed class ScriptedLockGrain : ILockGrain
{
    private readonly Channel<(Guid RequestId, long Token, TimeSpan Lease)> _renewals = Channel.CreateUnbounded<(Guid, long, TimeSpan)>();
    private readonly Channel<(Guid RequestId, long Token)> _releases = Channel.CreateUnbounded<(Guid, long)>();

    public Func<Task<RenewOutcome>> OnRenew { get; set; } = () => Task.FromResult(RenewOutcome.Renewed);

    public Func<Task<ReleaseOutcome>> OnRelease { get; set; } = () => Task.FromResult(ReleaseOutcome.Released);

    public int Releases { get; private set; }

    public Task<(Guid RequestId, long Token, TimeSpan Lease)> NextRenewalAsync() => _renewals.Reader.ReadAsync(TestContext.Current.CancellationToken).Soon();

    public Task<(Guid RequestId, long Token)> NextReleaseAsync() => _releases.Reader.ReadAsync(TestContext.Current.CancellationToken).Soon();

    public bool HasRenewal => _renewals.Reader.TryPeek(out _);

    public Task<RenewOutcome> RenewAsync(Guid requestId, long token, TimeSpan lease)
    {
        var answer = OnRenew();
        _renewals.Writer.TryWrite((requestId, token, lease));
        return answer;
    }

    public Task<ReleaseOutcome> ReleaseAsync(Guid requestId, long token)
    {
        Releases++;
        var answer = OnRelease();
        _releases.Writer.TryWrite((requestId, token));
        return answer;
    }

    public Task<LockReply> AcquireAsync(LockRequest request) => throw new NotSupportedException();

    public Task<LockReply> WaitAsync(Guid requestId, TimeSpan slice) => throw new NotSupportedException();

    public Task CancelAsync(Guid requestId) => throw new NotSupportedException();

    public Task<LockStatus> GetStatusAsync() => throw new NotSupportedException();
}
