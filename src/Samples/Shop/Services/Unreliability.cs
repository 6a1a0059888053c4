namespace Shop.Services;

/// <summary>
/// Makes a service fail as real ones do: errors before the work, stalls, answers that are lost after the work was done. And going bad
/// altogether when the driver asks for it.
/// </summary>
internal sealed class Unreliability(RequestDelegate next, TimeProvider time)
{
    /// <summary>POST here to make this instance answer every request with an error from now on.</summary>
    public const string GoBadPath = "/go-bad";

    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(1500);
    private static readonly TimeSpan BadAnswerTime = TimeSpan.FromMilliseconds(50);

    private volatile bool _bad;

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path == GoBadPath)
        {
            _bad = true;
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (_bad)
        {
            await Task.Delay(BadAnswerTime, time);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        // Of a hundred requests: two fail at once, one stalls, two do their work and lose the answer.
        switch (Random.Shared.Next(100))
        {
            case 0 or 1:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            case 2:
                await Task.Delay(Stall, time);
                break;
            case 3 or 4:
                // The work runs to its end, into a body that nobody reads; then the connection breaks.
                context.Response.Body = Stream.Null;
                await next(context);
                context.Abort();
                return;
        }

        await next(context);
    }
}
