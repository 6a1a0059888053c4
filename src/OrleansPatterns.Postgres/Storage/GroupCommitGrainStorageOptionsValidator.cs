using Microsoft.Extensions.Options;

namespace OrleansPatterns.Postgres.Storage;

internal sealed class GroupCommitGrainStorageOptionsValidator : IValidateOptions<GroupCommitGrainStorageOptions>
{
    private const int KiB = 1024;
    private const int MaxBytes = 256 * KiB * KiB;
    private static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, GroupCommitGrainStorageOptions options)
    {
        var faults = new List<string>();
        Require(nameof(options.MaxBatchSize), options.MaxBatchSize, 1, 10_000);
        Require(nameof(options.MaxBatchBytes), options.MaxBatchBytes, KiB, MaxBytes);
        Require(nameof(options.MaxConcurrentBatches), options.MaxConcurrentBatches, 1, 16);
        Require(nameof(options.MaxQueueLength), options.MaxQueueLength, 1, 1_000_000);
        Require(nameof(options.MaxPayloadBytes), options.MaxPayloadBytes, KiB, MaxBytes);
        Require(nameof(options.Timeout), options.Timeout, MinTimeout, MaxTimeout);
        Require(nameof(options.CommandTimeout), options.CommandTimeout, MinTimeout, options.Timeout);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Require<T>(string option, T value, T least, T most)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            {
                faults.Add($"GroupCommitGrainStorageOptions.{option} of storage '{name}' is {value}; it must be {least} to {most}.");
            }
        }
    }
}
