using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>The list of a service as a process had it from one moment on.</summary>
/// <param name="Process">Whose list.</param>
/// <param name="Service">Of what.</param>
/// <param name="At">When it was looked at.</param>
/// <param name="Version">Its version.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Instances">Who is in it.</param>
/// <param name="Text">All of it but the version, as in the history.</param>
internal sealed record SeenList(
    string Process, string Service, long At, long Version, Guid Epoch, IReadOnlyDictionary<string, Sight> Instances, string Text)
{
    /// <summary>As in "0f8f...9d orders-1=Up orders-2=Down".</summary>
    internal static string Write(ServiceSnapshot snapshot) =>
        string.Join(' ', [$"{snapshot.Epoch:N}", .. snapshot.Instances.Select(static instance => $"{instance.Id}={instance.Status}")]);

    /// <param name="see">A <see cref="DiscoveryActions.See"/> that has come to its end.</param>
    internal static SeenList Of(Operation see)
    {
        var words = see.Value!.Split(' ');
        var instances = words.Skip(1).Select(static word => word.Split('=')).ToDictionary(
            static instance => instance[0],
            static instance => instance[1] is nameof(InstanceStatus.Up) or nameof(InstanceStatus.Warning) ? Sight.Callable : Sight.Listed,
            StringComparer.Ordinal);
        return new SeenList(see.Process, see.Key, see.AnsweredAt!.Value, see.Token!.Value, Guid.Parse(words[0]), instances, see.Value);
    }
}
