using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Makes the health checks of one silo; <see cref="PermittedConnector"/> decides whom they reach.</summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "A check may outlast the silo's services, and a semaphore whose wait handle nobody asks for holds nothing.")]
internal sealed class HealthProber(
    PermittedConnector connector, IOptions<HealthCheckOptions> options, DiscoveryGrainInstruments instruments, TimeProvider time) : IHealthProber
{
    private const int MaxGrpcAnswerBytes = 1024;

    private readonly SemaphoreSlim _turns = new(options.Value.MaxConcurrent);

    public Task<string?> ProbeAsync(ServiceInstance instance, InstanceHealthCheck check, CancellationToken cancellationToken) =>
        // A grain's scheduler does one thing at a time: the check's many small steps are not for it.
        Task.Run(() => ProbeInTurnAsync(instance, check, cancellationToken), cancellationToken);

    private async Task<string?> ProbeInTurnAsync(ServiceInstance instance, InstanceHealthCheck check, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            var startedAt = time.GetTimestamp();
            var reason = await ProbeNowAsync(instance, check, cancellationToken);
            instruments.Checked(check.Kind, reason is null, time.GetElapsedTime(startedAt));
            return reason;
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task<string?> ProbeNowAsync(ServiceInstance instance, InstanceHealthCheck check, CancellationToken cancellationToken)
    {
        // Set only now: how busy this silo is says nothing of the instance.
        using var timeout = new CancellationTokenSource(check.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var target = instance.Target(check);
            return check.Kind switch
            {
                HealthCheckKind.Http => await GetAsync(target, check.Path, either.Token),
                HealthCheckKind.Tcp => await ConnectAsync(target, either.Token),
                HealthCheckKind.Grpc => await CallAsync(target, check.GrpcService, either.Token),
                _ => throw new InvalidOperationException($"a health check cannot be of kind {check.Kind}"),
            };
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return timeout.IsCancellationRequested
                ? string.Create(CultureInfo.InvariantCulture, $"no answer within {check.Timeout.TotalSeconds} s")
                : ProbeFailure.Explain(exception);
        }
    }

    private async Task<string?> ConnectAsync(Uri target, CancellationToken cancellationToken)
    {
        await using var connection = await connector.ConnectAsync(new DnsEndPoint(target.DnsSafeHost, target.Port), cancellationToken);
        return null;
    }

    private async Task<string?> GetAsync(Uri target, string path, CancellationToken cancellationToken)
    {
        // Joined as text: as a relative address, a path that begins with two slashes would name another host.
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(target.GetLeftPart(UriPartial.Authority) + path))
        {
            // Never "or higher": HTTP/3 goes to wherever the answer's Alt-Svc header says, and not through the connector.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        using var invoker = new HttpMessageInvoker(NewHandler(cancellationToken));

        // Answers as soon as the headers are there; nobody reads the body.
        using var response = await invoker.SendAsync(request, cancellationToken);
        return response.IsSuccessStatusCode ? null : $"GET {path} answered {(int)response.StatusCode}";
    }

    private async Task<string?> CallAsync(Uri target, string service, CancellationToken cancellationToken)
    {
        using var handler = NewHandler(cancellationToken);
        using var channel = GrpcChannel.ForAddress(
            target, new GrpcChannelOptions { HttpHandler = handler, MaxReceiveMessageSize = MaxGrpcAnswerBytes });
        var asked = service.Length == 0 ? "the gRPC server" : $"the gRPC service '{service}'";
        try
        {
            var response = await new Health.HealthClient(channel).CheckAsync(
                new HealthCheckRequest { Service = service }, cancellationToken: cancellationToken);
            return response.Status == HealthCheckResponse.Types.ServingStatus.Serving ? null : $"{asked} is {response.Status}";
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
            return $"{asked} is not known there";
        }
    }

    /// <summary>
    /// A handler for one check. A kept connection would tell less than a new one: whether the instance still accepts, for instance. And a shared
    /// handler that keeps none (a lifetime of zero) leaves each HTTP/2 connection open until the server closes it.
    /// </summary>
    private SocketsHttpHandler NewHandler(CancellationToken cancellationToken) => new()
    {
        // The check's own token: the handler's would let an attempt outlive the check.
        ConnectCallback = (context, _) => connector.ConnectAsync(context.DnsEndPoint, cancellationToken),
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        MaxResponseDrainSize = 0,
        SslOptions =
        {
            // A certificate names addresses to load its issuers from: they would be asked without the connector.
            CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
        },
    };
}
