using System.Net;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Carries a refusal of <see cref="PermittedConnector"/> through the HTTP and gRPC clients that called it.</summary>
internal sealed class AddressNotPermittedException(IPAddress address)
    : Exception($"address {address} is not permitted by HealthCheckOptions.Allow");
