using Microsoft.AspNetCore.Builder;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>The examples of <c>docs/console.md</c>, see <see cref="ExampleTests"/>.</summary>
internal static class ConsoleExamples
{
    internal static void Map(WebApplication app)
    {
        #region CONSOLE
        app.MapOrleansPatterns("/patterns").RequireAuthorization("operators");
        #endregion
    }
}
