using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using OrleansPatterns.Cluster;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>A refusal, sent as problem details. The types are part of the contract.</summary>
internal static class ManagementProblem
{
    private const string TypePrefix = "urn:orleanspatterns:management:";

    internal static ProblemDetails NotFound(string what) => Of(StatusCodes.Status404NotFound, "not-found", "There is nothing by this name.", what);

    internal static ProblemDetails Refused(string why) => Of(StatusCodes.Status409Conflict, "refused", "That does not fit where it stands. Nothing changed.", why);

    internal static ProblemDetails Antiforgery() => Of(
        StatusCodes.Status400BadRequest,
        "antiforgery",
        "The request does not prove that the console sent it.",
        "Get a token from api/session and send it in the header that this names, or authenticate with 'Authorization: Bearer ...' instead of a cookie.");

    internal static ProblemDetails TooManyStreams(int max) => Of(
        StatusCodes.Status503ServiceUnavailable, "too-many-streams", "Too many pages are live.", $"At most {max} at a time; close some, or reload later.");

    /// <summary>The refusal that an exception stands for; <see langword="null"/>: none that the caller can do anything about.</summary>
    internal static ProblemDetails? For(Exception exception) => exception switch
    {
        SagaNotFoundException or NothingByThisNameException => NotFound(exception.Message),
        SagaInterventionRefusedException or SagaCannotBeCancelledException or RefusedException => Refused(exception.Message),
        JsonException => Of(
            StatusCodes.Status400BadRequest, "invalid", "The request is not valid.", $"The body is not the JSON that is expected here: {exception.Message}"),
        ArgumentException or BadHttpRequestException => Of(
            (exception as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest, "invalid", "The request is not valid.", exception.Message),
        ClusterUnavailableException => Of(
            StatusCodes.Status503ServiceUnavailable, "cluster-unavailable", "The cluster does not answer at the moment.", exception.Message),
        _ => null,
    };

    internal static IResult ToResult(this ProblemDetails problem) =>
        Results.Json(problem, ManagementJson.Options, "application/problem+json", problem.Status);

    private static ProblemDetails Of(int status, string type, string title, string detail) =>
        new() { Status = status, Type = TypePrefix + type, Title = title, Detail = detail };
}
