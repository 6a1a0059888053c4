using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>Answers with problem details what the patterns refuse, and keeps answers out of caches.</summary>
internal static class ManagementProblemFilter
{
    internal static async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        (headers.CacheControl, headers.XContentTypeOptions) = ("no-store", "nosniff");
        try
        {
            var result = await next(context);

            // What could not be bound to the handler's parameters.
            return context.HttpContext.Response is { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false } && result is null or EmptyHttpResult
                ? ManagementProblem.For(new ArgumentException("A parameter is missing, or is not of the form that is expected here."))!.ToResult()
                : result;
        }
        catch (Exception exception) when (ManagementProblem.For(exception) is { } problem && !context.HttpContext.Response.HasStarted)
        {
            return problem.ToResult();
        }
    }
}
