using System.Text.Json.Nodes;
using OrleansPatterns.Tests.Sagas;

namespace OrleansPatterns.Tests.Management;

/// <summary>The server-sent events of one live page.</summary>
internal sealed class LiveEvents(HttpRequestMessage request, HttpResponseMessage response) : IDisposable
{
    private StreamReader? _reader;

    internal HttpResponseMessage Response => response;

    /// <summary>The next event: its name, if it has one, and what it says; <see langword="null"/>: the stream has ended. Comments are events named ":".</summary>
    internal async Task<(string Name, JsonNode? Data)?> NextAsync()
    {
        var token = TestContext.Current.CancellationToken;
        _reader ??= new StreamReader(await response.Content.ReadAsStreamAsync(token));
        var (name, data) = ("", (JsonNode?)null);
        while (await _reader.ReadLineAsync(token).AsTask().Soon() is { } line)
        {
            switch (line)
            {
                case "":
                    return (name, data);
                case ":":
                    name = ":";
                    break;
                case ['e', 'v', 'e', 'n', 't', ':', ' ', .. var rest]:
                    name = rest;
                    break;
                case ['d', 'a', 't', 'a', ':', ' ', .. var rest]:
                    data = JsonNode.Parse(rest);
                    break;
                default:
                    Assert.Fail($"'{line}' is no line of an event.");
                    break;
            }
        }

        return null;
    }

    public void Dispose()
    {
        _reader?.Dispose();
        response.Dispose();
        request.Dispose();
    }
}
