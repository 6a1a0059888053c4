namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>Turns what a server listens on into what others can call.</summary>
internal static class OwnAddress
{
    /// <param name="addresses">What the server listens on, for instance <c>http://[::]:8080</c>.</param>
    /// <param name="advertisedHost">What stands for "all addresses"; <see langword="null"/>: the machine's name.</param>
    /// <exception cref="InvalidOperationException">The server listens on no address.</exception>
    internal static Uri Of(IEnumerable<string> addresses, string? advertisedHost)
    {
        var address = addresses.FirstOrDefault()
            ?? throw new InvalidOperationException("The server listens on no address that could be registered. Configure one, for instance with URLS.");
        var binding = Microsoft.AspNetCore.Http.BindingAddress.Parse(address);
        var isWildcard = binding.Host is "*" or "+" or "0.0.0.0" or "[::]" or "";
        return new UriBuilder(binding.Scheme, isWildcard ? advertisedHost ?? Environment.MachineName : binding.Host, binding.Port).Uri;
    }
}
