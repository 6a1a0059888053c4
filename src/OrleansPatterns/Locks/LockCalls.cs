using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Locks;

/// <summary>The grain of one lock as our client calls it: repeated while the way to it is broken, and timed from the sending.</summary>
internal sealed class LockCalls(string name, ILockGrain grain, ClusterCaller caller, IOptions<ClusterCallOptions> callOptions, TimeProvider time)
{
    /// <summary>
    /// How long a release or cancellation is repeated before it is left to the lease: nobody should hang in a <c>finally</c> block because the
    /// cluster is away.
    /// </summary>
    private static readonly TimeSpan FarewellBudget = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FarewellAttempt = TimeSpan.FromSeconds(1);

    internal string Name => name;

    internal Task<Sent<LockReply>> AcquireAsync(Func<LockRequest> request, CancellationToken cancellationToken) =>
        SendAsync($"acquire lock '{name}'", () => grain.AcquireAsync(request()), cancellationToken);

    internal Task<Sent<LockReply>> WaitAsync(Guid requestId, TimeSpan slice, CancellationToken cancellationToken) =>
        SendAsync(
            $"wait for lock '{name}'", () => grain.WaitAsync(requestId, slice), cancellationToken, slice + callOptions.Value.AttemptTimeout);

    internal Task<Sent<RenewOutcome>> RenewAsync(Guid requestId, long token, TimeSpan lease, CancellationToken cancellationToken)
    {
        // One attempt without an answer must leave time for another before the lease is over.
        var third = lease / 3;
        var attemptTimeout = third < callOptions.Value.AttemptTimeout ? third : callOptions.Value.AttemptTimeout;
        return SendAsync($"renew lock '{name}'", () => grain.RenewAsync(requestId, token, lease), cancellationToken, attemptTimeout);
    }

    internal Task ReleaseAsync(Guid requestId, long token) =>
        FarewellAsync($"release lock '{name}'", () => grain.ReleaseAsync(requestId, token));

    internal Task CancelAsync(Guid requestId) =>
        FarewellAsync($"withdraw the request for lock '{name}'", () => grain.CancelAsync(requestId));

    private async Task<Sent<TReply>> SendAsync<TReply>(
        string operation, Func<Task<TReply>> call, CancellationToken cancellationToken, TimeSpan? attemptTimeout = null)
    {
        // Of all attempts only the last one's answer is ever used, so its sending is what counts.
        var sentAt = time.GetTimestamp();
        var reply = await caller.CallAsync(
            operation,
            _ =>
            {
                sentAt = time.GetTimestamp();
                return call();
            },
            cancellationToken,
            attemptTimeout);
        return new(reply, sentAt);
    }

    private async Task FarewellAsync(string operation, Func<Task> call)
    {
        using var budget = new CancellationTokenSource(FarewellBudget, time);
        await caller.CallAsync(operation, _ => call(), budget.Token, FarewellAttempt);
    }
}
