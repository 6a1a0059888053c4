using OrleansPatterns.PostgresTests;
using OrleansPatterns.PostgresTests.Sagas;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The test program, and as its own child a silo with the tests' sagas, which the standalone silo does not know.
return args switch
{
    [SagaSiloProcess.Role] => await SagaSiloProcess.RunAsync(),
    _ when args.Any(argument => argument is "--server" or "--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
