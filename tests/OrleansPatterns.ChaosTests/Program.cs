using OrleansPatterns.ChaosTests;
using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Recovery;
using OrleansPatterns.ChaosTests.Runs;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The test program, and as its own child a silo or a client of it; or a long run.
return args switch
{
    [ChaosSilo.Role] => await ChaosSilo.RunAsync(),
    [ChaosWorker.Role] => await ChaosWorker.RunAsync(),
    ["--recovery", .. var options] => await RecoveryRun.RunAsync(options),
    _ when args.Contains("--minutes") || args.Contains("--seed") => await Soak.RunAsync(args),
    _ when args.Any(argument => argument is "--server" or "--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
