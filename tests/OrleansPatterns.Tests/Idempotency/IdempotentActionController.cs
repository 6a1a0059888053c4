using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using OrleansPatterns.AspNetCore.Idempotency;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>The controllers of <see cref="IdempotentActionTests"/>: MVC takes only public classes that stand by themselves.</summary>
[ApiController]
[Route("api/payments")]
[IdempotentAction(IsKeyRequired = false)]
public sealed class IdempotentActionController(ActionRuns runs) : ControllerBase
{
    [HttpPost]
    [IdempotentAction]
    public ActionResult<string> Pay(ActionPayment payment)
    {
        ArgumentNullException.ThrowIfNull(payment);
        Response.Headers.ETag = "\"v1\"";
        return Created(new Uri("/api/payments/1", UriKind.Relative), $"run {runs.Next()} {payment.Amount}");
    }

    [HttpPost("{kind}")]
    [IdempotentAction]
    public IActionResult Kind(string kind)
    {
        var run = runs.Next();
        return kind switch
        {
            "file" => File(Encoding.UTF8.GetBytes($"file {run}"), "application/x-file", "run.txt"),
            "empty" => NoContent(),
            "rejected" => Problem("too poor", statusCode: 402),
            "stream" => new FileStreamResult(new MemoryStream(Encoding.UTF8.GetBytes($"stream {run}")), "application/octet-stream"),
            _ => Content($"text {run} é", "text/plain", Encoding.UTF8),
        };
    }

    [HttpPost("broken")]
    [IdempotentAction]
    public string Broken() => runs.Next() == 1 ? throw new InvalidOperationException("secret") : "fine";

    [HttpPost("handled")]
    [IdempotentAction]
    [HandledException]
    public string Handled()
    {
        runs.Next();
        throw new InvalidOperationException("secret");
    }

    [HttpPost("kept")]
    [IdempotentAction(OnServerError = OnFailure.Remember, WaitForResultSeconds = 1, RetentionSeconds = 60, MaxResponseBytes = 2000)]
    public string Kept()
    {
        runs.Next();
        throw new InvalidOperationException("secret");
    }

    [HttpPost("slow")]
    [IdempotentAction]
    public async Task<string> Slow(CancellationToken cancellationToken)
    {
        runs.Entered.SetResult();
        await new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
        return "never";
    }

    [HttpPost("optional")]
    public string Optional() => $"run {runs.Next()}";

    [HttpGet]
    public string Get() => $"run {runs.Next()}";
}

/// <summary>Without the attribute: protected only where the application's controllers are.</summary>
[ApiController]
[Route("api/orders")]
public sealed class PlainOrdersController(ActionRuns runs) : ControllerBase
{
    [HttpPost]
    public string Order(ActionPayment payment) => $"run {runs.Next()} {payment?.Amount}";

    [HttpGet]
    public string Get() => $"run {runs.Next()}";
}

/// <summary>Reached by conventional routes, whose pattern is the same for all actions.</summary>
public sealed class ConventionalController(ActionRuns runs) : Controller
{
    [HttpPost]
    public string One() => $"one {runs.Next()}";

    [HttpPost]
    public string Two() => $"two {runs.Next()}";
}

public sealed record ActionPayment([Range(1, 100)] int Amount);

/// <summary>Counts what ran.</summary>
public sealed class ActionRuns
{
    private int _count;

    public int Count => _count;

    public TaskCompletionSource Entered { get; } = new();

    public int Next() => Interlocked.Increment(ref _count);
}

[AttributeUsage(AttributeTargets.Method)]
public sealed class HandledExceptionAttribute : ExceptionFilterAttribute
{
    public override void OnException(ExceptionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Result = new ContentResult { StatusCode = 409, Content = "handled" };
    }
}
