using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Filters;

namespace OrleansPatterns.AspNetCore.Idempotency;

internal sealed class IdempotentActionFilter(HttpIdempotency idempotency) : IAsyncResourceFilter
{
    public async Task OnResourceExecutionAsync(ResourceExecutingContext context, ResourceExecutionDelegate next)
    {
        // Of several, on controller and action, the last is the nearest. A second one inside the first would wait for itself.
        if (!context.IsEffectivePolicy(this))
        {
            await next();
            return;
        }

        await idempotency.InvokeAsync(context.HttpContext, RouteIdentity.Of(context.HttpContext.GetEndpoint()), async _ =>
        {
            var executed = await next();
            if (executed is { Exception: { } exception, ExceptionHandled: false })
            {
                // MVC would rethrow it after this filter even where that has answered the request itself. Thrown here it takes the filter's way:
                // either it is answered, or it goes on to MVC and to the application's exception handling.
                executed.ExceptionHandled = true;
                ExceptionDispatchInfo.Throw(exception);
            }
        });
    }
}
