using Microsoft.Extensions.Options;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Schema;
using OrleansPatterns.StandaloneSilo;

// The standalone silo. Everything is set from outside, for instance by environment variables: docs/deployment.md has them all.
if (args is [SelfProbe.Argument])
{
    return await SelfProbe.RunAsync();
}

var builder = WebApplication.CreateBuilder(args);
var complaints = Settings.Complaints(builder.Configuration);
var access = OperatorAccess.From(builder.Configuration, out var complaint);
if (complaints.Count > 0 || access is null)
{
    foreach (var each in complaints.Append(complaint).Where(text => text.Length > 0).Distinct())
    {
        await Console.Error.WriteLineAsync(each);
    }

    return 1;
}

var settings = Settings.OfSilo(builder.Configuration);
var app = SiloApplication.Build(builder, settings, access);
try
{
    await BoundedRun.RunAsync(app, settings.ShutdownTimeout, app.Services.GetRequiredService<TimeProvider>());
    return 0;
}
catch (Exception fault) when (Explanation(fault) is { } explanation)
{
    await Console.Error.WriteLineAsync(explanation);
    return 1;
}

// Of what an operator can see to; anything else ends the process with its stack trace.
static string? Explanation(Exception fault) => fault switch
{
    OptionsValidationException options => string.Join(Environment.NewLine, options.Failures),
    AggregateException all when all.InnerExceptions.All(one => one is OptionsValidationException) =>
        string.Join(Environment.NewLine, all.InnerExceptions.Select(Explanation)),
    PostgresUnavailableException or SchemaVersionException or SchemaMigrationException => fault.Message,
    _ => null,
};
