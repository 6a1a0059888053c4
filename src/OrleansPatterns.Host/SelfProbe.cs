namespace OrleansPatterns.StandaloneSilo;

/// <summary>The program as the prober of its container, whose image has neither a shell nor curl.</summary>
/// <remarks>
/// It asks whether the process is of any use, and not whether it is ready: a silo without its database is not ready, goes on by itself when the
/// database is back, and must not be replaced meanwhile. The web server starts when the silo has joined the cluster, so that the first good answer also says
/// that it has.
/// </remarks>
internal static class SelfProbe
{
    internal const string Argument = "--probe";

    private const string Path = "/health/live";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <returns>0: alive. 1: not, or not yet.</returns>
    internal static async Task<int> RunAsync()
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables().Build();
        if (AddressIn(configuration["URLS"], configuration["HTTP_PORTS"]) is not { } address)
        {
            await Console.Error.WriteLineAsync("URLS has no http address that could be asked.");
            return 1;
        }

        using var http = new HttpClient { Timeout = Timeout };
        try
        {
            using var answer = await http.GetAsync(address);
            await Console.Out.WriteLineAsync(await answer.Content.ReadAsStringAsync());
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"{address} does not answer: {fault.Message}");
            return 1;
        }
    }

    /// <summary>The loopback address of the first thing that the web server listens on; <c>http://+:8080</c> is no address to ask.</summary>
    internal static Uri? AddressIn(string? urls, string? ports)
    {
        var listened = (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat((ports ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(port => $"http://+:{port}"))
            .Select(BindingAddress.Parse)
            .FirstOrDefault(one => one.Scheme == Uri.UriSchemeHttp);
        if (listened is null)
        {
            return null;
        }

        var isAddress = Uri.CheckHostName(listened.Host) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6;
        var host = isAddress && listened.Host is not ("0.0.0.0" or "[::]") ? listened.Host : "127.0.0.1";
        return new UriBuilder(Uri.UriSchemeHttp, host, listened.Port, Path).Uri;
    }
}
