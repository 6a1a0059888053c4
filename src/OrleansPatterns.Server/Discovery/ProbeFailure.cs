using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Says to people, in a few words, why a check failed.</summary>
internal static class ProbeFailure
{
    private const int MaxLength = 200;

    internal static string Explain(Exception failure)
    {
        // The HTTP and gRPC clients wrap what happened, in layers that differ by protocol and version.
        var causes = Causes(failure).ToList();
        return causes.OfType<AddressNotPermittedException>().FirstOrDefault()?.Message
            ?? Explain(causes.OfType<SocketException>().FirstOrDefault())
            ?? Explain(causes.OfType<AuthenticationException>().FirstOrDefault())
            ?? Explain(causes.OfType<HttpRequestException>().FirstOrDefault())
            ?? Explain(causes.OfType<RpcException>().FirstOrDefault())
            ?? Shorten(failure.Message);
    }

    private static string? Explain(SocketException? failure) => failure?.SocketErrorCode switch
    {
        null => null,
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset => "connection reset",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the host name has no address",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no route to the host",
        { } other => $"connection failed ({other})",
    };

    private static string? Explain(AuthenticationException? failure) => failure is null ? null : Shorten($"TLS failed: {failure.Message}");

    private static string? Explain(HttpRequestException? failure) => failure?.HttpRequestError switch
    {
        HttpRequestError.ResponseEnded => "the connection ended before an answer",
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => "the answer is not the protocol asked for",
        _ => null,
    };

    // The status only: its text comes from the other side and may be long.
    private static string? Explain(RpcException? failure) => failure is null ? null : $"gRPC answered {failure.StatusCode}";

    private static IEnumerable<Exception> Causes(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause is RpcException rpc ? rpc.Status.DebugException : cause.InnerException)
        {
            yield return cause;
        }
    }

    private static string Shorten(string text) => text.Length <= MaxLength ? text : text[..MaxLength] + "...";
}
