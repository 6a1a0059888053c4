using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>Answers with something once, or, to <c>Accept: text/event-stream</c>, with it and each change of it, until the client leaves.</summary>
/// <remarks>An event is the whole anew, so a client that has missed some has missed nothing.</remarks>
internal sealed class LiveAnswer(LiveReads reads, TimeProvider time, Func<CancellationToken, Task<object?>> read, string missing) : IResult
{
    private const string EventStream = "text/event-stream";

    /// <summary>Then the client has to come again, and to be let in again: its right may have ended meanwhile.</summary>
    internal static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(5);

    /// <summary>Proxies close connections on which nothing comes for about a minute.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public async Task ExecuteAsync(HttpContext http)
    {
        if (http.Request.GetTypedHeaders().Accept.Any(accept => accept.MediaType.Equals(EventStream, StringComparison.OrdinalIgnoreCase)))
        {
            await StreamAsync(http);
            return;
        }

        // Results are executed behind the filters, which see nothing of this.
        IResult answer;
        try
        {
            answer = await read(http.RequestAborted) is { } found
                ? Results.Content(Stamp(Serialize(found)), "application/json; charset=utf-8")
                : ManagementProblem.NotFound(missing).ToResult();
        }
        catch (Exception exception) when (ManagementProblem.For(exception) is { } problem)
        {
            answer = problem.ToResult();
        }

        await answer.ExecuteAsync(http);
    }

    internal static string Serialize(object found) => JsonSerializer.Serialize(found, found.GetType(), ManagementJson.Options);

    private string Stamp(string json) => Stamp(json, time);

    /// <summary>With the moment by this server's clock, against which ages are shown.</summary>
    internal static string Stamp(string json, TimeProvider time) => $"{{\"asOf\":\"{time.GetUtcNow():O}\",{json.AsSpan(1)}";

    private async Task StreamAsync(HttpContext http)
    {
        if (!reads.TryEnter(out var place))
        {
            await ManagementProblem.TooManyStreams(LiveReads.MaxStreams).ToResult().ExecuteAsync(http);
            return;
        }

        using var left = place;

        // The server waits for its requests before it stops.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        http.Response.ContentType = EventStream;

        // For proxies that collect answers.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await WriteEventsAsync(http, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    private async Task WriteEventsAsync(HttpContext http, CancellationToken ending)
    {
        var address = http.Request.GetEncodedPathAndQuery();
        string? shown = null;
        var (begunAt, writtenAt) = (time.GetTimestamp(), time.GetTimestamp());
        while (time.GetElapsedTime(begunAt) < MaxDuration)
        {
            var (name, json) = await LookAsync(address, ending);
            var next = $"{name}{json}";
            if (next != shown)
            {
                await http.Response.WriteAsync($"{name}data: {(name.Length == 0 ? Stamp(json) : json)}\n\n", ending);
            }
            else if (time.GetElapsedTime(writtenAt) >= KeepAlive)
            {
                await http.Response.WriteAsync(":\n\n", ending);
            }
            else
            {
                await Task.Delay(LiveReads.Interval, time, ending);
                continue;
            }

            await http.Response.Body.FlushAsync(ending);
            (shown, writtenAt) = (next, time.GetTimestamp());
            await Task.Delay(LiveReads.Interval, time, ending);
        }
    }

    private async Task<(string Name, string Json)> LookAsync(string address, CancellationToken ending)
    {
        ProblemDetails problem;
        try
        {
            // Not with this page's token: others may be waiting for the same.
            var found = await reads.GetAsync(address, async () => await read(CancellationToken.None) is { } it ? Serialize(it) : null).WaitAsync(ending);
            if (found is not null)
            {
                return ("", found);
            }

            problem = ManagementProblem.NotFound(missing);
        }
        catch (Exception exception) when (ManagementProblem.For(exception) is not null)
        {
            problem = ManagementProblem.For(exception)!;
        }

        return ("event: problem\n", JsonSerializer.Serialize(problem, ManagementJson.Options));
    }
}
