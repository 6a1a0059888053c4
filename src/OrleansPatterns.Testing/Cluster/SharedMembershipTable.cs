using System.Globalization;
using Orleans.Messaging;

namespace OrleansPatterns.Testing.Cluster;

/// <summary>Who belongs to a test cluster. Outside of the silos, so that any of them may be killed, the first one too.</summary>
internal sealed class SharedMembershipTable : IMembershipTable, IGatewayListProvider
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, string ETag)> _rows = [];
    private TableVersion _version = new(0, "0");
    private long _eTags;

    public TimeSpan MaxStaleness => TimeSpan.Zero;

    public bool IsUpdatable => true;

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId)
    {
        lock (_gate)
        {
            _rows.Clear();
            return Task.CompletedTask;
        }
    }

    /// <summary>A test does not last long enough for that.</summary>
    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => Task.CompletedTask;

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Task.FromResult(Read(silo => silo.Equals(key)));

    public Task<MembershipTableData> ReadAll() => Task.FromResult(Read(static _ => true));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => Task.FromResult(TryWrite(entry, eTag: null, tableVersion));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => Task.FromResult(TryWrite(entry, etag, tableVersion));

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        lock (_gate)
        {
            if (_rows.TryGetValue(entry.SiloAddress, out var row))
            {
                row.Entry.IAmAliveTime = entry.IAmAliveTime;
                _rows[entry.SiloAddress] = (row.Entry, NewETag());
            }

            return Task.CompletedTask;
        }
    }

    public Task<IList<Uri>> GetGateways()
    {
        var members = Read(static _ => true).Members.Select(member => member.Item1);
        return Task.FromResult<IList<Uri>>(
        [
            .. members
                .Where(entry => entry.Status == SiloStatus.Active && entry.ProxyPort != 0)
                .Select(entry => SiloAddress.New(entry.SiloAddress.Endpoint.Address, entry.ProxyPort, entry.SiloAddress.Generation).ToGatewayUri()),
        ]);
    }

    /// <summary>Says of a silo that it is dead, as the others would after they have waited for it.</summary>
    internal void Bury(SiloAddress silo)
    {
        lock (_gate)
        {
            if (_rows.TryGetValue(silo, out var row) && row.Entry.Status != SiloStatus.Dead)
            {
                var dead = Copy(row.Entry);
                dead.Status = SiloStatus.Dead;
                _rows[silo] = (dead, NewETag());
                _version = new TableVersion(_version.Version + 1, NewETag());
            }
        }
    }

    private static MembershipEntry Copy(MembershipEntry entry) => new()
    {
        SiloAddress = entry.SiloAddress,
        Status = entry.Status,
        SuspectTimes = entry.SuspectTimes is null ? null : [.. entry.SuspectTimes],
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName,
        SiloName = entry.SiloName,
        RoleName = entry.RoleName,
        UpdateZone = entry.UpdateZone,
        FaultZone = entry.FaultZone,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
    };

    private MembershipTableData Read(Func<SiloAddress, bool> wanted)
    {
        lock (_gate)
        {
            return new MembershipTableData([.. _rows.Where(row => wanted(row.Key)).Select(row => Tuple.Create(Copy(row.Value.Entry), row.Value.ETag))], _version);
        }
    }

    private bool TryWrite(MembershipEntry entry, string? eTag, TableVersion version)
    {
        lock (_gate)
        {
            var stored = _rows.TryGetValue(entry.SiloAddress, out var row) ? row.ETag : null;
            if (stored != eTag || _version.VersionEtag != version.VersionEtag)
            {
                return false;
            }

            _rows[entry.SiloAddress] = (Copy(entry), NewETag());
            _version = new TableVersion(version.Version, NewETag());
            return true;
        }
    }

    private string NewETag() => (++_eTags).ToString(CultureInfo.InvariantCulture);
}
