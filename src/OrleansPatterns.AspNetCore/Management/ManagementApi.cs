using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>The management API, to which each pattern adds what can be seen and done.</summary>
/// <remarks>Keys are any text, slashes included, which no server leaves alone in a path: they go into the query.</remarks>
internal sealed partial class ManagementApi
{
    private readonly RouteGroupBuilder _group;
    private readonly RequestProof _proof;
    private readonly LiveReads _reads;
    private readonly TimeProvider _time;
    private readonly ILogger<ManagementApi> _logger;

    internal ManagementApi(RouteGroupBuilder group, IServiceProvider services)
    {
        _time = services.GetRequiredService<TimeProvider>();
        _logger = services.GetRequiredService<ILogger<ManagementApi>>();
        _proof = new RequestProof(services);
        _reads = new LiveReads(_time);
        _group = group;
        _group.AddEndpointFilter(ManagementProblemFilter.InvokeAsync);
        _group.WithTags("OrleansPatterns");
        _group.MapGet("session", Session)
            .WithName("orleanspatterns-session")
            .WithSummary("Who is signed in, and what a browser sends along with actions.")
            .Produces<SessionView>();
        _group.MapGet("openapi.json", Document).ExcludeFromDescription();
    }

    /// <summary>What a test has made of these endpoints by Microsoft.AspNetCore.OpenApi, which the application need not have.</summary>
    private static IResult Document() =>
        Results.Stream(typeof(ManagementApi).Assembly.GetManifestResourceStream("management/openapi.json")!, "application/json; charset=utf-8");

    /// <summary>Something that can be looked at, once or live.</summary>
    /// <typeparam name="TView">What is shown.</typeparam>
    /// <param name="path">Where.</param>
    /// <param name="summary">What it tells.</param>
    /// <param name="handler">Makes a <see cref="LiveAnswer"/> of the request.</param>
    internal void Read<TView>(string path, string summary, Delegate handler) => _group.MapGet(path, handler)
        .WithName($"orleanspatterns-{path}")
        .WithSummary(summary)
        .WithDescription("Once as JSON, or live as server-sent events ('Accept: text/event-stream'): the whole anew with each change.")
        .Produces<TView>(StatusCodes.Status200OK, "application/json", "text/event-stream")
        .Produces<ProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status503ServiceUnavailable, "application/problem+json");

    /// <param name="read">Reads what is shown; <see langword="null"/>: there is nothing by that name.</param>
    /// <param name="missing">Says so.</param>
    internal LiveAnswer Show(Func<CancellationToken, Task<object?>> read, string missing = "") => new(_reads, _time, read, missing);

    /// <summary>Something that can be done.</summary>
    /// <typeparam name="TDeed">What, to what, and why.</typeparam>
    /// <param name="path">Where.</param>
    /// <param name="summary">What it does.</param>
    /// <param name="act">Does it, by whom, and answers with what is there afterwards.</param>
    internal void Act<TDeed>(string path, string summary, Func<IServiceProvider, TDeed, string, CancellationToken, Task<object>> act)
        where TDeed : Deed => _group.MapPost(path, (Delegate)((HttpContext http) => ActAsync(http, path, act)))
        .WithName($"orleanspatterns-{path.Replace('/', '-')}")
        .WithSummary(summary)
        .Accepts<TDeed>("application/json")
        .Produces(StatusCodes.Status200OK)
        .Produces<ProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status404NotFound, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status503ServiceUnavailable, "application/problem+json");

    private async Task<IResult> ActAsync<TDeed>(
        HttpContext http, string action, Func<IServiceProvider, TDeed, string, CancellationToken, Task<object>> act)
        where TDeed : Deed
    {
        if (!await _proof.IsGivenAsync(http))
        {
            return ManagementProblem.Antiforgery().ToResult();
        }

        if (!http.Request.HasJsonContentType())
        {
            throw new ArgumentException("The body is not said to be JSON: send it with 'Content-Type: application/json'.");
        }

        var deed = await http.Request.ReadFromJsonAsync<TDeed>(ManagementJson.Options, http.RequestAborted)
            ?? throw new ArgumentException("The body is 'null'; it must say what is to be done.");
        deed.Check();
        var (by, target) = (Operator.Of(http), Deed.OneLine(deed.Target));
        LogBegun(by, action, target, Deed.OneLine(deed.Reason));
        object after;
        try
        {
            // Not with the request's token: what is begun is carried through, whoever still listens.
            after = await act(http.RequestServices, deed, by, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNotDone(exception, action, by, target);
            throw;
        }

        LogDone(action, by, target);
        return Results.Content(LiveAnswer.Stamp(LiveAnswer.Serialize(after), _time), "application/json; charset=utf-8");
    }

    private IResult Session(HttpContext http)
    {
        var (headerName, token) = _proof.Give(http);
        return Results.Json(new SessionView(Operator.NameOf(http), headerName, token), ManagementJson.Options);
    }
}
