using System.Net;
using System.Net.Sockets;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>An entry of <see cref="HealthCheckOptions.Allow"/>.</summary>
internal static class AllowedNetwork
{
    /// <summary>The length of <c>::ffff:0:0/96</c>, in which IPv6 spells IPv4 addresses.</summary>
    private const int MappedPrefixLength = 96;

    /// <returns>The network; <see langword="null"/>: the entry is neither an address nor a network.</returns>
    internal static IPNetwork? TryParse(string? entry)
    {
        var text = entry?.Split('/')[0];
        if (!IPAddress.TryParse(text, out var address) || !IsPlain(address, text))
        {
            return null;
        }

        if (text.Length == entry!.Length)
        {
            var plain = Unmap(address);
            return new IPNetwork(plain, plain.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        }

        // 10.0.0.7/8 is more likely a slip than a wish for sixteen million addresses.
        return IPNetwork.TryParse(entry, out var network) && network.BaseAddress.Equals(address) ? Unmap(network) : null;
    }

    /// <summary>The same address as IPv4, if it is one that IPv6 spells: one spelling, so that the other does not get round a rule.</summary>
    internal static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static IPNetwork Unmap(IPNetwork network) =>
        network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedPrefixLength
            ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefixLength)
            : network;

    // Old spellings mean what few expect: 010.0.0.1 is 8.0.0.1 (octal), and 10 is 0.0.0.10. An address with a scope is of one machine.
    private static bool IsPlain(IPAddress address, string text) =>
        address.AddressFamily == AddressFamily.InterNetwork
            ? string.Equals(address.ToString(), text, StringComparison.Ordinal)
            : address.ScopeId == 0 && !text.StartsWith('[');
}
