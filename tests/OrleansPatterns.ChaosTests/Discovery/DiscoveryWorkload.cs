using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>Is an instance of each service for as long as the process lives, now and then another one for a moment, and notes whom the lists name.</summary>
internal sealed class DiscoveryWorkload(IServiceRegistry registry, HistoryWriter history, TimeProvider time)
{
    private static readonly string[] Services = ["inventory", "payments"];
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A deregistration that takes so long was given up, and does not say so.</summary>
    private static readonly TimeSpan DeregisterTime = TimeSpan.FromSeconds(2.9);

    internal async Task RunAsync(Random random, CancellationToken quiet)
    {
        List<Task> loops = [WatchAsync(quiet)];
        foreach (var service in Services)
        {
            loops.AddRange([FindAsync(service, quiet), StayAsync(service, quiet), ComeAndGoAsync(service, new Random(random.Next()), quiet)]);
        }

        await Task.WhenAll(loops);
    }

    /// <summary>Gets the first list. It is kept fresh from then on.</summary>
    private async Task FindAsync(string service, CancellationToken quiet)
    {
        while (!quiet.IsCancellationRequested)
        {
            var find = history.Call(DiscoveryActions.Find, service);
            try
            {
                await registry.GetInstancesAsync(service, CancellationToken.None);
                find.Ok();
                return;
            }
            catch (Exception exception)
            {
                find.Unknown(exception);
                await WaitAsync(Pause, quiet);
            }
        }
    }

    private async Task WatchAsync(CancellationToken quiet)
    {
        var noted = Services.ToDictionary(service => service, _ => "", StringComparer.Ordinal);
        var lookedAt = MonotonicClock.Now;
        while (!quiet.IsCancellationRequested)
        {
            var at = MonotonicClock.Now;
            foreach (var service in Services.Where(service => registry.GetAge(service) is not null))
            {
                await NoteAsync(service, noted, at);
            }

            // After what was seen: who is killed in between has not said that it saw nothing new.
            at = MonotonicClock.Now;
            history.Note(DiscoveryActions.Pulse, "", token: null, lookedAt, at);
            lookedAt = at;
            await WaitAsync(Look, quiet);
        }
    }

    private async Task NoteAsync(string service, Dictionary<string, string> noted, long at)
    {
        var snapshot = await registry.GetInstancesAsync(service, CancellationToken.None);
        var seenAt = MonotonicClock.Now;
        var list = SeenList.Write(snapshot);
        if (noted[service] != $"{snapshot.Version} {list}")
        {
            noted[service] = $"{snapshot.Version} {list}";
            history.Note(DiscoveryActions.See, service, snapshot.Version, at, seenAt, list);
        }
    }

    private async Task StayAsync(string service, CancellationToken quiet)
    {
        while (!quiet.IsCancellationRequested)
        {
            if (await RegisterAsync(new InstanceKey(service, history.Process)) is { } registration)
            {
                await WaitAsync(Timeout.InfiniteTimeSpan, quiet);
                await DeregisterAsync(registration);
            }
        }
    }

    private async Task ComeAndGoAsync(string service, Random random, CancellationToken quiet)
    {
        for (var number = 1; !quiet.IsCancellationRequested; number++)
        {
            if (await RegisterAsync(new InstanceKey(service, $"{history.Process}-{number}")) is { } registration)
            {
                await WaitAsync(TimeSpan.FromMilliseconds(random.Next(500, 2000)), quiet);
                await DeregisterAsync(registration);
            }

            await WaitAsync(TimeSpan.FromMilliseconds(random.Next(200, 1000)), quiet);
        }
    }

    private async Task<ServiceRegistration?> RegisterAsync(InstanceKey key)
    {
        var register = history.Call(DiscoveryActions.Register, $"{key}");
        try
        {
            var registration = await registry.RegisterAsync(key.Service, new ServiceInstance { Id = key.Id, Endpoint = new Uri("http://127.0.0.1:80") });
            register.Ok();
            return registration;
        }
        catch (Exception exception)
        {
            register.Unknown(exception);
            return null;
        }
    }

    private async Task DeregisterAsync(ServiceRegistration registration)
    {
        var startedAt = time.GetTimestamp();
        var deregister = history.Call(DiscoveryActions.Deregister, $"{new InstanceKey(registration.Service, registration.Instance.Id)}");
        await registration.DisposeAsync();
        if (time.GetElapsedTime(startedAt) < DeregisterTime)
        {
            deregister.Ok();
        }
        else
        {
            deregister.Unknown(new TimeoutException("it took as long as it takes to give up"));
        }
    }

    private async Task WaitAsync(TimeSpan length, CancellationToken quiet) =>
        await Task.Delay(length, time, quiet).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
