using OrleansPatterns.Hosting;
using Polly;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>Keeps an <see cref="HttpClient"/> away from a dependency that is failing, by the cluster's common decision.</summary>
/// <remarks>
/// Refused calls throw <see cref="Polly.CircuitBreaker.BrokenCircuitException"/>. Put it inside of whatever repeats calls, so that each attempt counts.
/// A body that is read after the headers have come is not watched.
/// </remarks>
public sealed class CircuitBreakerHandler : DelegatingHandler
{
    private readonly CircuitBreaker _breaker;
    private readonly CircuitBreakerHandlerOptions _options;
    private readonly Func<TimeSpan> _clientTimeout;

    /// <summary>For clients that are made by hand; see <c>IHttpClientBuilder.AddClusterCircuitBreaker</c> for those of a factory.</summary>
    /// <param name="breaker">The dependency's breaker, from <see cref="ICircuitBreakerProvider"/>.</param>
    /// <param name="options">What counts as a failure.</param>
    /// <exception cref="ArgumentException">The breaker is not from <see cref="ICircuitBreakerProvider"/>, or an option has no meaning.</exception>
    public CircuitBreakerHandler(ICircuitBreaker breaker, CircuitBreakerHandlerOptions? options = null)
        : this(CircuitBreaker.Own(breaker), options ?? new CircuitBreakerHandlerOptions(), static () => Timeout.InfiniteTimeSpan)
    {
    }

    /// <param name="breaker">The dependency's breaker.</param>
    /// <param name="options">What counts as a failure.</param>
    /// <param name="clientTimeout">When the client gives up.</param>
    internal CircuitBreakerHandler(CircuitBreaker breaker, CircuitBreakerHandlerOptions options, Func<TimeSpan> clientTimeout)
    {
        if (options.ShouldHandle is null)
        {
            throw new ArgumentException("CircuitBreakerHandlerOptions.ShouldHandle is null; it must be a function. The default is IsTransient.", nameof(options));
        }

        if (options.TimeoutAfter <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.TimeoutAfter, "CircuitBreakerHandlerOptions.TimeoutAfter must be more than zero, or null for 9 seconds or less.");
        }

        _breaker = breaker;
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
        var startedAt = _breaker.Time.GetTimestamp();
        var admission = _breaker.Admit();
        if (!admission.IsDecided)
        {
            admission = await _breaker.AdmitProbeAsync(cancellationToken, isSynchronous).ConfigureAwait(false);
        }

        if (admission.Refusal is { } refusal)
        {
            throw refusal;
        }

        var sent = await TrySendAsync(request, isSynchronous, cancellationToken).ConfigureAwait(false);

        // A predicate that throws says nothing, and must keep neither a permit nor a connection.
        var outcome = CallOutcome.Cancelled;
        try
        {
            outcome = Judge(sent, startedAt, cancellationToken);
        }
        catch
        {
            sent.Result?.Dispose();
            throw;
        }
        finally
        {
            await _breaker.CompleteAsync(admission, outcome, isSynchronous).ConfigureAwait(false);
        }

        sent.ThrowIfException();
        return sent.Result!;
    }

    private async Task<Outcome<HttpResponseMessage>> TrySendAsync(HttpRequestMessage request, bool isSynchronous, CancellationToken cancellationToken)
    {
        try
        {
            return Outcome.FromResult(
                isSynchronous ? base.Send(request, cancellationToken) : await base.SendAsync(request, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            return Outcome.FromException<HttpResponseMessage>(exception);
        }
    }

    private TimeSpan TimeoutAfter => _options.TimeoutAfter ?? ClientTimeout.Nearly(_clientTimeout());

    private CallOutcome Judge(Outcome<HttpResponseMessage> sent, long startedAt, CancellationToken cancellationToken) =>
        !CircuitBreaker.IsCallersOwn(sent.Exception, cancellationToken) ? (_options.ShouldHandle(sent) ? CallOutcome.Failed : CallOutcome.Succeeded)
        : _breaker.Time.GetElapsedTime(startedAt) >= TimeoutAfter ? CallOutcome.Failed
        : CallOutcome.Cancelled;
}
