using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;

namespace OrleansPatterns.Hosting;

/// <summary>When a client gives up; its handlers are not told.</summary>
internal static class ClientTimeout
{
    private static readonly TimeSpan DefaultTimeoutAfter = TimeSpan.FromSeconds(9);

    /// <summary>What <see cref="HttpClient.Timeout"/> has become when the factory has made a client; infinite before.</summary>
    internal static Func<TimeSpan> Of(IHttpClientBuilder builder)
    {
        // This is the last to configure the client, and sees what it has become.
        var timeout = new StrongBox<TimeSpan>(Timeout.InfiniteTimeSpan);
        builder.Services.PostConfigure<HttpClientFactoryOptions>(
            builder.Name, options => options.HttpClientActions.Add(client => timeout.Value = client.Timeout));
        return () => timeout.Value;
    }

    /// <summary>From when on a cancelled call has timed out: 9 seconds, or nine tenths of what the client waits, if that is less.</summary>
    internal static TimeSpan Nearly(TimeSpan client) =>
        client != Timeout.InfiniteTimeSpan && client * 0.9 < DefaultTimeoutAfter ? client * 0.9 : DefaultTimeoutAfter;
}
