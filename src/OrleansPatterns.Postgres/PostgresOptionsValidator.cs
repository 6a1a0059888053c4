using Microsoft.Extensions.Options;
using OrleansPatterns.Postgres.Storage;

namespace OrleansPatterns.Postgres;

internal sealed class PostgresOptionsValidator : IValidateOptions<PostgresOptions>
{
    internal const int MinPoolSize = 2;
    private const int MaxPoolSize = 1000;
    private const int MaxSweepBatchSize = 10_000;
    private static readonly TimeSpan MaxStartupTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MinCutOffAfter = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan MaxCutOffAfter = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MinSweepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxSweepInterval = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, PostgresOptions options)
    {
        var faults = new List<string>();
        if (options.StartupTimeout <= TimeSpan.Zero || options.StartupTimeout > MaxStartupTimeout)
        {
            faults.Add($"PostgresOptions.StartupTimeout is {options.StartupTimeout}; it must be greater than zero and at most {MaxStartupTimeout}.");
        }

        if (options.CutOffAfter < MinCutOffAfter || options.CutOffAfter > MaxCutOffAfter)
        {
            faults.Add($"PostgresOptions.CutOffAfter is {options.CutOffAfter}; it must be {MinCutOffAfter} to {MaxCutOffAfter}, or null.");
        }

        if (options.MaxPoolSize is < MinPoolSize or > MaxPoolSize)
        {
            faults.Add($"PostgresOptions.MaxPoolSize is {options.MaxPoolSize}; it must be {MinPoolSize} to {MaxPoolSize}.");
        }

        if (options.GrainStorage is not (GrainStateStorage.GroupCommit or GrainStateStorage.AdoNet))
        {
            faults.Add($"PostgresOptions.GrainStorage is {options.GrainStorage}; it must be GroupCommit or AdoNet.");
        }

        if (options.StateFormat is not (StateFormat.Binary or StateFormat.Json))
        {
            faults.Add($"PostgresOptions.StateFormat is {options.StateFormat}; it must be Binary or Json.");
        }

        if (options.SweepInterval < MinSweepInterval || options.SweepInterval > MaxSweepInterval)
        {
            faults.Add($"PostgresOptions.SweepInterval is {options.SweepInterval}; it must be {MinSweepInterval} to {MaxSweepInterval}.");
        }

        if (options.SweepBatchSize is < 1 or > MaxSweepBatchSize)
        {
            faults.Add($"PostgresOptions.SweepBatchSize is {options.SweepBatchSize}; it must be 1 to {MaxSweepBatchSize}.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
