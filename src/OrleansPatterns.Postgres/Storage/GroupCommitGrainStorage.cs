using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using OrleansPatterns.Postgres.Batching;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Postgres.Storage;

/// <summary>Grain state in the table of the ADO.NET provider, with the same keys, versions and payloads, many writes or reads at a time.</summary>
internal sealed class GroupCommitGrainStorage : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly string _name;
    private readonly GroupCommitGrainStorageOptions _options;
    private readonly IActivatorProvider _activators;
    private readonly NpgsqlDataSource _dataSource;
    private readonly BatchQueue<StateWrite> _writes;
    private readonly BatchQueue<StateRead> _reads;

    public GroupCommitGrainStorage(
        string name,
        string serviceId,
        GroupCommitGrainStorageOptions options,
        NpgsqlDataSource dataSource,
        IActivatorProvider activators,
        BatchInstruments instruments,
        TimeProvider time,
        ILogger<GroupCommitGrainStorage> logger)
    {
        (_name, _options, _activators, _dataSource) = (name, options, activators, dataSource);
        var limits = new BatchLimits(
            options.MaxBatchSize,
            options.MaxBatchBytes,
            options.MaxQueueLength,
            options.MaxConcurrentBatches,
            options.CommandTimeout,
            options.Timeout);
        _writes = new BatchQueue<StateWrite>(
            dataSource, BatchKind.StateWrite, new StateWriteStatement(serviceId), limits, instruments, time, logger);
        _reads = new BatchQueue<StateRead>(
            dataSource, BatchKind.StateRead, new StateReadStatement(serviceId), limits, instruments, time, logger);
    }

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe($"{nameof(GroupCommitGrainStorage)} '{_name}'", _options.InitStage, OpenAsync, DrainAsync);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var key = StateKey.Of(stateName, grainId);
        var read = await _reads
            .RunAsync(() => new StateRead(key), reason => new TimeoutException($"Not read: {key}. {reason}"), cancellationToken)
            .ConfigureAwait(false);
        grainState.State = (read.Payload is { } payload ? _options.GrainStorageSerializer.Deserialize<T>(new BinaryData(payload)) : default)
            ?? Empty<T>();
        grainState.ETag = ETagOf(read.Version);
        grainState.RecordExists = read.Payload is not null;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var key = StateKey.Of(stateName, grainId);
        var expected = VersionOf(key, grainState.ETag);
        var write = await RunAsync(
            key,
            () => new StateWrite(
                key, expected, Serialize(key, grainState.State), isDelete: false, (grainState.State as IExpiringState)?.RemovableFrom),
            cancellationToken).ConfigureAwait(false);
        grainState.ETag = ETagOf(write.NewVersion);
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (!grainState.RecordExists && string.IsNullOrWhiteSpace(grainState.ETag))
        {
            // Nothing is known of it: clear what is there, if anything, as the ADO.NET provider does.
            await ReadStateAsync(stateName, grainId, grainState, cancellationToken).ConfigureAwait(false);
            if (!grainState.RecordExists)
            {
                return;
            }
        }

        var key = StateKey.Of(stateName, grainId);
        var expected = VersionOf(key, grainState.ETag) ?? throw StateWrite.Conflict(key, expectedVersion: null);
        var clear = await RunAsync(
            key, () => new StateWrite(key, expected, payload: null, _options.DeleteStateOnClear), cancellationToken).ConfigureAwait(false);
        grainState.ETag = _options.DeleteStateOnClear ? null : ETagOf(clear.NewVersion);
        grainState.RecordExists = false;
        grainState.State = Empty<T>();
    }

    public void Dispose()
    {
        _writes.Dispose();
        _reads.Dispose();
    }

    private static string? ETagOf(int? version) => version?.ToString(CultureInfo.InvariantCulture);

    /// <summary>Versions are positive, so no other number can be the stored one; what is no number comes from another storage.</summary>
    private static int? VersionOf(StateKey key, string? eTag)
    {
        if (string.IsNullOrWhiteSpace(eTag))
        {
            return null;
        }

        if (!int.TryParse(eTag, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var version))
        {
            throw new ArgumentException(
                $"The ETag '{eTag}' of {key} is no version of this storage, which are numbers. Read the state from it before writing.", nameof(eTag));
        }

        return version > 0 ? version : throw StateWrite.Conflict(key, version);
    }

    private Task<StateWrite> RunAsync(StateKey key, Func<StateWrite> make, CancellationToken cancellationToken) =>
        _writes.RunAsync(make, reason => new StateNotWrittenException(key.ToString(), reason, isTransient: true), cancellationToken);

    private byte[] Serialize<T>(StateKey key, T state)
    {
        var payload = _options.GrainStorageSerializer.Serialize(state);
        var length = payload.ToMemory().Length;
        return length <= _options.MaxPayloadBytes
            ? payload.ToArray()
            : throw new StateNotWrittenException(
                key.ToString(),
                $"It has {length} bytes; GroupCommitGrainStorageOptions.MaxPayloadBytes of storage '{_name}' is {_options.MaxPayloadBytes}. Split the state, or "
                + "raise the bound.",
                isTransient: false);
    }

    private T Empty<T>() => _activators.GetActivator<T>().Create();

    /// <summary>Asks for the table before the first grain does, so that a missing one is told of when the silo starts.</summary>
    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = _dataSource.CreateCommand("select expiresat from orleans_storage limit 0");
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            throw new OrleansConfigurationException(
                $"The database of grain storage '{_name}' has no table orleans_storage, or that of an earlier version. Run the scripts of the "
                + "folder sql on it, in order, or call UsePostgres, which does.",
                exception);
        }
    }

    /// <summary>Grains are deactivated by now; what they still write is not lost.</summary>
    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        await _writes.DrainAsync(cancellationToken).ConfigureAwait(false);
        await _reads.DrainAsync(cancellationToken).ConfigureAwait(false);
    }
}
