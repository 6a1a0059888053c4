using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Messaging;
using Orleans.Runtime.Membership;
using OrleansPatterns.Postgres.Schema;

namespace OrleansPatterns.Postgres.Clustering;

/// <summary>Lets a client start beside its silos: waits until one of them has brought up the schema and can be reached.</summary>
/// <remarks>
/// The client's lifecycle would be too late for the check: Orleans runs it only after the client has connected, and until then a missing schema
/// would show as whatever the first query happens to run into.
/// </remarks>
internal sealed partial class PostgresGatewayListProvider(
    AdoNetGatewayListProvider gateways, SchemaGate gate, IOptions<PostgresOptions> options, TimeProvider time, ILogger<PostgresGatewayListProvider> logger)
    : IGatewayListProvider
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public TimeSpan MaxStaleness => gateways.MaxStaleness;

    public bool IsUpdatable => gateways.IsUpdatable;

    public async Task InitializeGatewayListProvider()
    {
        var startedAt = time.GetTimestamp();
        await PassGateAsync(startedAt);
        await gateways.InitializeGatewayListProvider();
        while ((await gateways.GetGateways()).Count == 0 && HasTime(startedAt))
        {
            LogWaiting("no silo of the cluster is up yet");
            await Task.Delay(Pause, time);
        }
    }

    public Task<IList<Uri>> GetGateways() => gateways.GetGateways();

    private async Task PassGateAsync(long startedAt)
    {
        while (true)
        {
            try
            {
                await gate.PassAsync(mayMigrate: false, CancellationToken.None);
                return;
            }
            catch (SchemaVersionException exception) when (!(exception.DatabaseVersion > exception.ExpectedVersion) && HasTime(startedAt))
            {
                // A silo that starts at the same time may be about to run the scripts.
                LogWaiting("its schema is not there yet");
                await Task.Delay(Pause, time);
            }
        }
    }

    private bool HasTime(long startedAt) => time.GetElapsedTime(startedAt) < options.Value.StartupTimeout;

    [LoggerMessage(7003, LogLevel.Information, "The client waits for its cluster: {Reason}.")]
    private partial void LogWaiting(string reason);
}
