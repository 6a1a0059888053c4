using Orleans.Messaging;
using Orleans.Runtime.Membership;
using OrleansPatterns.Postgres.Schema;

namespace OrleansPatterns.Postgres.Clustering;

/// <summary>Checks the database before a client looks for gateways in it.</summary>
/// <remarks>
/// The client's lifecycle would be too late: Orleans runs it only after the client has connected, and until then a missing schema would show as
/// whatever the first query happens to run into.
/// </remarks>
internal sealed class PostgresGatewayListProvider(AdoNetGatewayListProvider gateways, SchemaGate gate) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => gateways.MaxStaleness;

    public bool IsUpdatable => gateways.IsUpdatable;

    public async Task InitializeGatewayListProvider()
    {
        await gate.PassAsync(mayMigrate: false, CancellationToken.None);
        await gateways.InitializeGatewayListProvider();
    }

    public Task<IList<Uri>> GetGateways() => gateways.GetGateways();
}
