using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Testing;

public sealed partial class PatternsTestCluster
{
    /// <summary>Fine enough for whatever the patterns do at intervals, and coarse enough that a minute is passed in a second.</summary>
    private static readonly TimeSpan SmallestStep = TimeSpan.FromMilliseconds(100);

    /// <summary>Into how many steps a long time is cut.</summary>
    private const int MaxSteps = 600;

    /// <summary>Lets time pass: moves the clock in small steps, and after each waits until what was due has been done.</summary>
    /// <remarks>
    /// <para>Holders renew their leases meanwhile, back-offs end, wake-ups are delivered and what they set going goes on, as if the time really passed.
    /// Steps are a tenth of a second, or a 600th of the time where that is longer: over more than an hour, who has to renew a lease of 15 seconds misses
    /// it. Where only the date matters, <c>Time.Advance</c> jumps there at once.</para>
    /// <para>Waited for are calls of grains, grain timers and steps of sagas, wherever they come from. Work that shows none of these, such as a thread of
    /// the application's own, is not: assert on its effect. A step or call that does not go on for a fifth of a real second is taken to wait for the
    /// clock.</para>
    /// </remarks>
    /// <param name="by">How long. Not negative.</param>
    /// <param name="cancellationToken">Stops at the next step.</param>
    /// <exception cref="TimeoutException">The cluster went on working for 20 real seconds without the clock having moved; the message names at what.</exception>
    /// <exception cref="InvalidOperationException">The cluster runs on the real clock.</exception>
    public async Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var time = Time;
        await RestAsync(cancellationToken);
        var step = Longer(SmallestStep, by / MaxSteps);
        for (var left = by; left > TimeSpan.Zero; left -= step)
        {
            time.Advance(Shorter(step, left));
            await RestAsync(cancellationToken);
        }
    }

    /// <summary>Lets time pass, as <see cref="AdvanceAsync"/> does, until something has happened.</summary>
    /// <remarks>Steps are a tenth of a second at first and grow to a hundredth of the time that has passed.</remarks>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="effect">What is waited for, for instance <c>cluster.Sagas.WaitForCompletionAsync("order-7")</c>.</param>
    /// <param name="within">How long at most, by the cluster's clock. Default: 1 hour.</param>
    /// <param name="cancellationToken">Stops at the next step.</param>
    /// <param name="description">What is waited for, in words; by default the code.</param>
    /// <returns>What <paramref name="effect"/> gives; how it fails, this fails.</returns>
    /// <exception cref="TimeoutException">It has not happened within that time, or the cluster does not come to rest; the message says which.</exception>
    /// <exception cref="InvalidOperationException">The cluster runs on the real clock.</exception>
    public async Task<T> AdvanceUntilAsync<T>(
        Task<T> effect,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default,
        [CallerArgumentExpression(nameof(effect))] string description = "")
    {
        ArgumentNullException.ThrowIfNull(effect);
        var time = Time;
        var limit = within ?? TimeSpan.FromHours(1);
        await RestAsync(cancellationToken);
        for (var passed = TimeSpan.Zero; !effect.IsCompleted;)
        {
            if (passed >= limit)
            {
                throw new TimeoutException($"Within {limit} of the cluster's time this has not happened: {description}.");
            }

            var step = Shorter(Longer(SmallestStep, passed / 100), limit - passed);
            time.Advance(step);
            passed += step;
            await RestAsync(cancellationToken);
        }

        return await effect;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>Lets time pass for as long as something says that it takes, and asks again.</summary>
    /// <param name="leftAsync">How long it takes; zero: it has happened.</param>
    /// <param name="what">What is to happen, for people.</param>
    /// <param name="cancellationToken">Stops at the next step.</param>
    private async Task AdvanceWhileAsync(Func<Task<TimeSpan>> leftAsync, string what, CancellationToken cancellationToken)
    {
        const int MaxRounds = 30;
        for (var round = 0; await leftAsync() is var left && left > TimeSpan.Zero; round++)
        {
            if (round == MaxRounds)
            {
                throw new TimeoutException($"This has not happened although the time for it has passed: {what}.");
            }

            await AdvanceAsync(Longer(SmallestStep, left), cancellationToken);
        }
    }

    private async Task RestAsync(CancellationToken cancellationToken)
    {
        await _killing;
        await _parts.Activity.RestAsync(PassThroughAsync, cancellationToken);
        await _killing;
    }

    /// <summary>A message to every silo and back, behind what is on its way already, once every timer that is due has fired.</summary>
    private async Task PassThroughAsync()
    {
        await DueTimersFiredAsync();
        Task all = Task.WhenAll(TestCluster.Silos
            .Where(silo => !_parts.IsKilled(silo.SiloAddress))
            .Select(silo => BeatAsync(() => TestCluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<IGrainFactory>()))
            .Prepend(BeatAsync(() => TestCluster.Client)));

        // A silo that is stopped at this moment does not answer.
        await all.WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        static async Task BeatAsync(Func<IGrainFactory> grains) => await grains().GetGrain<IPulseGrain>(0).BeatAsync();
    }

    /// <summary>
    /// One thread at a time fires the clock's timers. When another is at it, which on a busy machine may take long, <c>Advance</c> returns at once.
    /// </summary>
    private async Task DueTimersFiredAsync()
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var last = Time.CreateTimer(_ => fired.TrySetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await fired.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
