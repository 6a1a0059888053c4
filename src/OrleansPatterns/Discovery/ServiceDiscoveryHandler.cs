using Microsoft.Extensions.ServiceDiscovery;
using OrleansPatterns.Cluster;
using OrleansPatterns.Hosting;
using Polly;

namespace OrleansPatterns.Discovery;

/// <summary>Sends the requests of an <see cref="HttpClient"/> to instances of the service that their address names, and balances them.</summary>
/// <remarks>
/// <para>
/// <c>http://orders/pay?id=7</c> goes to an instance of <c>orders</c> at its http address, <c>https+http://orders</c> to its https address if it has one,
/// <c>http://_admin.orders</c> to its address of that name. Scheme, host and port become the instance's; a path in the instance's address goes before
/// the request's. Hosts that are IP addresses or <c>localhost</c> are left as they are. The host of an address is lower case, and so must be the names
/// of services that are found this way. Without an instance to call it throws <see cref="ServiceNotFoundException"/>, and
/// <see cref="ClusterUnavailableException"/> if the first list of a service could not be had.
/// </para>
/// <para>
/// Put it inside of whatever repeats calls: the request has its own address again when the call is over, and each attempt picks anew. A call is over when
/// its headers have come: a body that is read later counts neither as a call under way nor as a failure.
/// </para>
/// </remarks>
public sealed class ServiceDiscoveryHandler : DelegatingHandler
{
    private readonly IServiceRegistry _registry;
    private readonly TimeProvider _time;
    private readonly ServiceDiscoveryHandlerOptions _options;
    private readonly Func<TimeSpan> _clientTimeout;

    /// <summary>For clients that are made by hand; see <c>IHttpClientBuilder.AddClusterServiceDiscovery</c> for those of a factory.</summary>
    /// <param name="registry">Where instances are found.</param>
    /// <param name="time">The clock that <see cref="ServiceDiscoveryHandlerOptions.TimeoutAfter"/> goes by.</param>
    /// <param name="options">How instances are picked and judged; <see langword="null"/> (default): the defaults.</param>
    /// <exception cref="ArgumentException">An option has no meaning.</exception>
    public ServiceDiscoveryHandler(IServiceRegistry registry, TimeProvider time, ServiceDiscoveryHandlerOptions? options = null)
        : this(registry, time, options ?? new ServiceDiscoveryHandlerOptions(), static () => Timeout.InfiniteTimeSpan)
    {
    }

    /// <param name="registry">Where instances are found.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">How instances are picked and judged.</param>
    /// <param name="clientTimeout">When the client gives up.</param>
    internal ServiceDiscoveryHandler(IServiceRegistry registry, TimeProvider time, ServiceDiscoveryHandlerOptions options, Func<TimeSpan> clientTimeout)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(time);
        options.Check();
        _registry = registry;
        _time = time;
        _options = options;
        _clientTimeout = clientTimeout;
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        ExecuteAsync(request, isSynchronous: false, cancellationToken);

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        ExecuteAsync(request, isSynchronous: true, cancellationToken).GetAwaiter().GetResult();

    /// <remarks>A synchronous call awaits nothing that is not over.</remarks>
    private async Task<HttpResponseMessage> ExecuteAsync(HttpRequestMessage request, bool isSynchronous, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true } asked
            || InstanceAddress.IsMachine(asked.Host)
            || !ServiceEndpointQuery.TryParse(asked.GetLeftPart(UriPartial.Authority), out var query))
        {
            return await InnerAsync(request, isSynchronous, cancellationToken).ConfigureAwait(false);
        }

        var key = _options.KeyOf?.Invoke(request);
        var call = isSynchronous
            ? Blocking.Wait(() => BeginAsync(query, key, cancellationToken).AsTask())
            : await BeginAsync(query, key, cancellationToken).ConfigureAwait(false);
        var startedAt = _time.GetTimestamp();
        bool? succeeded = null;
        Outcome<HttpResponseMessage> sent = default;
        try
        {
            request.RequestUri = Rewrite(asked, InstanceAddress.Of(call.Instance, query)!);
            sent = await TrySendAsync(request, isSynchronous, cancellationToken).ConfigureAwait(false);
            succeeded = Judge(sent, startedAt, cancellationToken);
        }
        catch
        {
            // A predicate that throws says nothing, and must not keep a connection.
            sent.Result?.Dispose();
            throw;
        }
        finally
        {
            request.RequestUri = asked;
            call.End(succeeded);
        }

        sent.ThrowIfException();
        return sent.Result!;
    }

    private ValueTask<ServiceCall> BeginAsync(ServiceEndpointQuery query, string? key, CancellationToken cancellationToken) =>
        _registry.BeginCallAsync(
            query.ServiceName,
            instance => InstanceAddress.Of(instance, query) is not null && _options.Filter?.Invoke(instance) != false,
            _options.Policy,
            key,
            cancellationToken);

    private async ValueTask<HttpResponseMessage> InnerAsync(HttpRequestMessage request, bool isSynchronous, CancellationToken cancellationToken) =>
        isSynchronous ? base.Send(request, cancellationToken) : await base.SendAsync(request, cancellationToken).ConfigureAwait(false);

    private async Task<Outcome<HttpResponseMessage>> TrySendAsync(HttpRequestMessage request, bool isSynchronous, CancellationToken cancellationToken)
    {
        try
        {
            return Outcome.FromResult(await InnerAsync(request, isSynchronous, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            return Outcome.FromException<HttpResponseMessage>(exception);
        }
    }

    /// <returns><see langword="null"/>: it says nothing about the instance.</returns>
    private bool? Judge(Outcome<HttpResponseMessage> sent, long startedAt, CancellationToken cancellationToken) => sent.Exception switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested =>
            _time.GetElapsedTime(startedAt) >= (_options.TimeoutAfter ?? ClientTimeout.Nearly(_clientTimeout())) ? false : null,
        _ when _options.ShouldHandle(sent) => false,
        null => true,
        _ => null,
    };

    private static Uri Rewrite(Uri asked, Uri address)
    {
        var rewritten = new UriBuilder(asked) { Scheme = address.Scheme, Host = address.Host, Port = address.Port };
        if (address.AbsolutePath.Length > 1)
        {
            rewritten.Path = $"{address.AbsolutePath.TrimEnd('/')}/{asked.AbsolutePath.TrimStart('/')}";
        }

        return rewritten.Uri;
    }
}
