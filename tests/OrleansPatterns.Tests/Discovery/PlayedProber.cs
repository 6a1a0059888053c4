using System.Collections.Concurrent;
using System.Threading.Channels;
using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Answers health checks as the test says.</summary>
internal sealed class PlayedProber : IHealthProber
{
    private static readonly ConcurrentDictionary<string, Channel<string?>> Answers = new(StringComparer.Ordinal);

    /// <summary>The next check of this instance is answered so, and not before.</summary>
    public static void Answer(string instanceId, string? reason) => Of(instanceId).Writer.TryWrite(reason);

    public async Task<string?> ProbeAsync(ServiceInstance instance, InstanceHealthCheck check, CancellationToken cancellationToken) =>
        await Of(instance.Id).Reader.ReadAsync(cancellationToken);

    private static Channel<string?> Of(string instanceId) => Answers.GetOrAdd(instanceId, _ => Channel.CreateUnbounded<string?>());
}
