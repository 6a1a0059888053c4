using System.Net;
using Polly;
using Polly.Timeout;

namespace OrleansPatterns.Discovery;

/// <summary>How a <see cref="ServiceDiscoveryHandler"/> picks instances, and what it holds against them.</summary>
public sealed class ServiceDiscoveryHandlerOptions
{
    /// <summary>How an instance is picked.</summary>
    /// <value>Default <see langword="null"/>: by <see cref="DiscoveryOptions.LoadBalancing"/>.</value>
    public LoadBalancing? Policy { get; set; }

    /// <summary>Passes over instances, for instance those without a tag.</summary>
    /// <value>Default <see langword="null"/>: none but those without an address of the request's scheme.</value>
    public Func<ServiceInstance, bool>? Filter { get; set; }

    /// <summary>What <see cref="LoadBalancing.RendezvousHash"/> goes by, for instance a customer's number from the path.</summary>
    /// <value>Default <see langword="null"/>: nothing. The function may answer <see langword="null"/>: nothing for this request.</value>
    public Func<HttpRequestMessage, string?>? KeyOf { get; set; }

    /// <summary>Which answers and exceptions are the instance's failures. A cancellation is judged by <see cref="TimeoutAfter"/> instead.</summary>
    /// <remarks>Every other answer is a success. Every other exception says nothing about the instance.</remarks>
    /// <value>Default: <see cref="IsFailure"/>.</value>
    public Func<Outcome<HttpResponseMessage>, bool> ShouldHandle { get; set; } = IsFailure;

    /// <summary>A call that is cancelled after this time or later has timed out, and failed; one that is cancelled sooner says nothing about the instance.</summary>
    /// <remarks>A handler cannot tell <see cref="HttpClient.Timeout"/> from a caller who gives up: both cancel the same token.</remarks>
    /// <value>
    /// Default <see langword="null"/>: 9 seconds, or nine tenths of the <see cref="HttpClient.Timeout"/> that the client's factory has set, if that is
    /// less. More than zero.
    /// </value>
    public TimeSpan? TimeoutAfter { get; set; }

    /// <summary>
    /// 5xx, <see cref="HttpRequestException"/>, and every exception that says that something took too long. Not 408 and 429: those are about the
    /// caller, and another instance would say the same.
    /// </summary>
    /// <param name="outcome">An answer or an exception.</param>
    public static bool IsFailure(Outcome<HttpResponseMessage> outcome) => outcome.Exception is { } exception
        ? exception is HttpRequestException or TimeoutException or TimeoutRejectedException or OperationCanceledException
        : outcome.Result?.StatusCode is >= HttpStatusCode.InternalServerError;

    /// <exception cref="ArgumentException">An option has no meaning.</exception>
    internal void Check()
    {
        if (ShouldHandle is null)
        {
            throw new ArgumentException("ServiceDiscoveryHandlerOptions.ShouldHandle is null; it must be a function. The default is IsFailure.", "options");
        }

        if (TimeoutAfter <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                "options", TimeoutAfter, "ServiceDiscoveryHandlerOptions.TimeoutAfter must be more than zero, or null for 9 seconds or less.");
        }

        if (Policy is { } policy && (policy == LoadBalancing.None || !Enum.IsDefined(policy)))
        {
            throw new ArgumentOutOfRangeException(
                "options", policy, "ServiceDiscoveryHandlerOptions.Policy must be a policy, or null for DiscoveryOptions.LoadBalancing.");
        }
    }
}
