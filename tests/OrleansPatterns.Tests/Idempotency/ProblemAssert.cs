using System.Net;
using System.Text.Json;

namespace OrleansPatterns.Tests.Idempotency;

internal static class ProblemAssert
{
    internal static async Task IsProblemAsync(HttpResponseMessage response, HttpStatusCode status, string type)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("urn:orleanspatterns:idempotency:" + type, problem.RootElement.GetProperty("type").GetString());
        Assert.Equal((int)status, problem.RootElement.GetProperty("status").GetInt32());
    }

    /// <summary>Status line, content type and body to the last byte.</summary>
    internal static void IsProblem(RawResponse response, string status, string type, string title, string detail)
    {
        Assert.Equal("HTTP/1.1 " + status, response.StatusLine);
        Assert.Equal("application/problem+json", response.Headers["Content-Type"]);
        Assert.Equal(
            $$"""{"type":"urn:orleanspatterns:idempotency:{{type}}","title":"{{title}}","status":{{status[..3]}},"detail":"{{detail}}"}""", response.Body);
    }
}
