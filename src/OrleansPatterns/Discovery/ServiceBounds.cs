namespace OrleansPatterns.Discovery;

/// <summary>What an instance may be; checked by the client before anything is sent, and by the grain before anything is written.</summary>
internal static class ServiceBounds
{
    internal const int MaxMetadataEntries = 32;
    internal const int MaxTextLength = 512;
    internal static readonly TimeSpan MaxLease = TimeSpan.FromHours(1);

    internal static void Check(ServiceInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        _ = ResourceKey.Parse(instance.Id);
        if (instance.Endpoint is not { IsAbsoluteUri: true })
        {
            throw new ArgumentException(
                $"The endpoint of an instance is an absolute address such as http://10.0.0.7:8080; this one is '{instance.Endpoint}'.", nameof(instance));
        }

        CheckLength(instance.Endpoint.OriginalString, "endpoint");
        CheckLength(instance.Zone, "zone");
        CheckLength(instance.Version, "version");
        if (instance.Metadata.Count > MaxMetadataEntries)
        {
            throw new ArgumentException(
                $"An instance has at most {MaxMetadataEntries} metadata entries; this one has {instance.Metadata.Count}. Store the bulk elsewhere.", nameof(instance));
        }

        foreach (var (key, value) in instance.Metadata)
        {
            CheckLength(key, "metadata key");
            CheckLength(value, $"metadata value of '{key[..Math.Min(key.Length, 32)]}'");
        }

        void CheckLength(string? text, string what)
        {
            if (text?.Length > MaxTextLength)
            {
                throw new ArgumentException($"The {what} of an instance has at most {MaxTextLength} characters; this one has {text.Length}.", nameof(instance));
            }
        }
    }

    internal static void CheckLease(TimeSpan lease)
    {
        if (lease <= TimeSpan.Zero || lease > MaxLease)
        {
            throw new ArgumentOutOfRangeException(nameof(lease), lease, $"A lease is greater than zero and at most {MaxLease}.");
        }
    }
}
