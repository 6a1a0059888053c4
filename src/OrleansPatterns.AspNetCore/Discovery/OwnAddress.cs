using Microsoft.AspNetCore.Http;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>Turns what a server listens on into what others can call.</summary>
internal static class OwnAddress
{
    /// <summary>The first address of each scheme, in the server's order: the first is the instance's main one. Sockets and pipes are for this machine only.</summary>
    /// <param name="addresses">What the server listens on, for instance <c>http://[::]:8080</c>.</param>
    /// <param name="advertisedHost">What stands for "all addresses"; <see langword="null"/>: the machine's name.</param>
    /// <exception cref="InvalidOperationException">The server listens on no address that others can call.</exception>
    internal static IReadOnlyList<Uri> Of(IEnumerable<string> addresses, string? advertisedHost)
    {
        var own = addresses
            .Select(BindingAddress.Parse)
            .Where(static binding => !binding.IsUnixPipe && !binding.IsNamedPipe)
            .DistinctBy(static binding => binding.Scheme, StringComparer.OrdinalIgnoreCase)
            .Select(binding => Of(binding, advertisedHost))
            .ToArray();
        return own.Length > 0
            ? own
            : throw new InvalidOperationException("The server listens on no address that could be registered. Configure one, for instance with URLS.");
    }

    private static Uri Of(BindingAddress binding, string? advertisedHost)
    {
        var isWildcard = binding.Host is "*" or "+" or "0.0.0.0" or "[::]" or "";
        return new UriBuilder(binding.Scheme, isWildcard ? advertisedHost ?? Environment.MachineName : binding.Host, binding.Port).Uri;
    }
}
