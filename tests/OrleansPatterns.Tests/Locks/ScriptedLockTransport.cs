using System.Collections.Immutable;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Tests.Locks;

/// <summary>Answers a client as the test says, without a cluster. By itself it takes releases and withdrawals and leaves the rest unanswered.</summary>
internal sealed class ScriptedLockTransport : ILockTransport
{
    internal ScriptedCalls<(string Key, LockRequest Request), LockReply> Acquires { get; } = new();

    internal ScriptedCalls<(string Key, LockRenewal Renewal), LockRenewalReply> Confirmations { get; } = new();

    internal ScriptedCalls<(string? Silo, ImmutableArray<RelayedRenewal> Renewals), ImmutableArray<LockRenewalReply>> Renewals { get; } = new();

    internal ScriptedCalls<(string Key, LockRelease Release), bool> Releases { get; } = new(_ => Task.FromResult(true));

    internal ScriptedCalls<(string Key, Guid RequestId), bool> Withdrawals { get; } = new(_ => Task.FromResult(true));

    public Task<LockReply> AcquireAsync(string key, LockRequest request) => Acquires.Add((key, request));

    public Task<LockRenewalReply> RenewAsync(string key, LockRenewal renewal) => Confirmations.Add((key, renewal));

    public Task<ImmutableArray<LockRenewalReply>> RenewAsync(string? silo, ImmutableArray<RelayedRenewal> renewals) => Renewals.Add((silo, renewals));

    public Task ReleaseAsync(string key, LockRelease release) => Releases.Add((key, release));

    public Task CancelAsync(string key, Guid requestId) => Withdrawals.Add((key, requestId));

    public ILockObserver Reference(ILockObserver observer) => observer;

    internal static LockRenewalReply Renewed(string? silo = "silo") => new() { Outcome = RenewOutcome.Renewed, Silo = silo };

    internal static LockRenewalReply Refused() => new() { Outcome = RenewOutcome.NotHolder };

    internal static LockRenewalReply Unheard() => new() { Outcome = RenewOutcome.Unknown };
}
