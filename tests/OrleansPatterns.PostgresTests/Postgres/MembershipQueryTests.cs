using Npgsql;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>The statements of 001_orleans_clustering.sql as Orleans runs them: by key, with its parameter names and types.</summary>
public sealed class MembershipQueryTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private const int Active = 3;
    private const int Dead = 6;

    private static readonly DateTime Noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly string _cluster = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task InsertVersion_Twice_IsTrueThenFalse()
    {
        Assert.True(await AskAsync("InsertMembershipVersionKey"));
        Assert.False(await AskAsync("InsertMembershipVersionKey"));
        Assert.Equal(0, await VersionAsync());
    }

    [Fact]
    public async Task Insert_WithTheLatestVersion_AddsTheSiloAndMovesTheVersionOn()
    {
        await AskAsync("InsertMembershipVersionKey");
        Assert.True(await InsertAsync(port: 1, version: 0));
        Assert.Equal(1, await VersionAsync());
        Assert.Equal(["1"], await SiloPortsAsync());
    }

    [Fact]
    public async Task Insert_SameSiloAgain_ChangesNothing()
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        var before = await EverythingAsync();

        Assert.False(await InsertAsync(port: 1, version: 1, status: Dead));

        Assert.Equal(before, await EverythingAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-1)]
    public async Task Insert_WithAnotherVersion_ChangesNothing(int version)
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        var before = await EverythingAsync();

        Assert.False(await InsertAsync(port: 2, version));

        Assert.Equal(before, await EverythingAsync());
    }

    [Fact]
    public async Task Insert_IntoAClusterWithoutVersion_ChangesNothing()
    {
        Assert.False(await InsertAsync(port: 1, version: 0));
        Assert.Empty(await EverythingAsync());
    }

    [Fact]
    public async Task Insert_TwentySilosAtOnceWithTheSameVersion_OneWins()
    {
        await AskAsync("InsertMembershipVersionKey");

        var answers = await AtOnceAsync(Enumerable.Range(1, 20).Select(port => (Func<Task<bool>>)(() => InsertAsync(port, version: 0))));

        Assert.Single(answers, true);
        Assert.Equal(1, await VersionAsync());
        Assert.Single(await SiloPortsAsync());
    }

    [Fact]
    public async Task InsertsAndUpdates_AtOnceOfTheSameVersion_OneWins()
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);

        var answers = await AtOnceAsync(Enumerable.Range(2, 20).Select(port => (Func<Task<bool>>)(() =>
            port % 2 == 0 ? InsertAsync(port, version: 1) : UpdateAsync(port: 1, version: 1, status: Dead))));

        Assert.Single(answers, true);
        Assert.Equal(2, await VersionAsync());
    }

    [Fact]
    public async Task Update_WithTheLatestVersion_ChangesTheSiloAndMovesTheVersionOn()
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        Assert.True(await UpdateAsync(port: 1, version: 1, Dead, suspectTimes: "votes"));
        Assert.Equal(["6 | votes"], await RowsAsync("select status, suspecttimes from orleans_membership"));
        Assert.Equal(2, await VersionAsync());

        Assert.True(await UpdateAsync(port: 1, version: 2, Active, suspectTimes: null));
        Assert.Equal(["3 | "], await RowsAsync("select status, suspecttimes from orleans_membership"));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public async Task Update_WithAnotherVersionOrOfAMissingSilo_ChangesNothing(int port, int version)
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        var before = await EverythingAsync();

        Assert.False(await UpdateAsync(port, version, Dead));

        Assert.Equal(before, await EverythingAsync());
    }

    [Fact]
    public async Task UpdateIAmAlive_LeavesTheVersion()
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        await RunAsync("UpdateIAmAlivetimeKey", [.. Silo(1), Time("IAmAliveTime", Noon.AddHours(1))]);
        Assert.Equal(["01/01/2026 13:00:00"], await RowsAsync("select iamalivetime from orleans_membership"));
        Assert.Equal(1, await VersionAsync());
    }

    [Fact]
    public async Task ReadAll_WithoutSilos_StillHasTheVersion()
    {
        Assert.Empty(await RunAsync("MembershipReadAllKey"));
        await AskAsync("InsertMembershipVersionKey");
        Assert.Equal([" |  |  |  |  |  |  |  |  |  | 0"], await RunAsync("MembershipReadAllKey"));
        Assert.Equal([" |  |  |  |  |  |  |  |  |  | 0"], await RunAsync("MembershipReadRowKey", Silo(1)));
    }

    [Fact]
    public async Task Read_ReturnsWhatWasWritten()
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        await InsertAsync(port: 2, version: 1);
        const string first = "127.0.0.1 | 1 | 7 | silo | host | 3 | 30001 |  | 01/01/2026 12:00:00 | 01/01/2026 12:00:00 | 2";
        const string second = "127.0.0.1 | 2 | 7 | silo | host | 3 | 30002 |  | 01/01/2026 12:00:00 | 01/01/2026 12:00:00 | 2";
        Assert.Equal([first, second], (await RunAsync("MembershipReadAllKey")).Order(StringComparer.Ordinal));
        Assert.Equal([second], await RunAsync("MembershipReadRowKey", Silo(2)));
    }

    [Fact]
    public async Task Gateways_AreActiveSilosWithAProxyPort()
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        await InsertAsync(port: 2, version: 1, status: Dead);
        await InsertAsync(port: 3, version: 2, proxyPort: 0);
        Assert.Equal(["127.0.0.1 | 30001 | 7"], await RunAsync("GatewaysQueryKey", new NpgsqlParameter<int>("Status", Active)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Cleanup_OfOldSilosThatAreNotDead_KeepsThem(int status)
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0, status);
        await RunAsync("CleanupDefunctSiloEntriesKey", Time("IAmAliveTime", Noon.AddYears(1)));
        Assert.Equal(["1"], await SiloPortsAsync());
    }

    [Fact]
    public async Task Cleanup_RemovesDeadSilosThatAreOlderAndLeavesTheVersion()
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0, Dead);
        await RunAsync("CleanupDefunctSiloEntriesKey", Time("IAmAliveTime", Noon));
        Assert.Equal(["1"], await SiloPortsAsync());
        await RunAsync("CleanupDefunctSiloEntriesKey", Time("IAmAliveTime", Noon.AddMicroseconds(1)));
        Assert.Empty(await SiloPortsAsync());
        Assert.Equal(1, await VersionAsync());
    }

    [Theory]
    [InlineData("votes", 0, "votes", 0, true)]
    [InlineData(null, 0, null, 0, true)]
    [InlineData("votes", 0, null, 0, false)]
    [InlineData(null, 0, "votes", 0, false)]
    [InlineData("votes", 0, "more votes", 0, false)]
    [InlineData("votes", 1, "votes", 0, false)]
    [InlineData("votes", 123456, "votes", 123456, true)]
    [InlineData("votes", 123456, "votes", 123457, false)]
    public async Task CleanupEntry_RemovesTheRowOnlyAsItWasRead(
        string? storedVotes, int storedMicroseconds, string? readVotes, int readMicroseconds, bool removed)
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        await UpdateAsync(port: 1, version: 1, Dead, storedVotes, Noon.AddMicroseconds(storedMicroseconds));

        await RunAsync(
            "CleanupDefunctSiloEntryKey",
            [.. Silo(1), Text("SuspectTimes", readVotes), Time("StartTime", Noon), Time("IAmAliveTime", Noon.AddMicroseconds(readMicroseconds))]);

        Assert.Equal(removed ? [] : ["1"], await SiloPortsAsync());
        Assert.Equal(2, await VersionAsync());
    }

    [Fact]
    public async Task DeleteEntries_RemovesOneClusterOnly()
    {
        await AskAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        var other = new MembershipQueryTests(database);
        await other.AskAsync("InsertMembershipVersionKey");
        await other.InsertAsync(port: 1, version: 0);
        var others = await other.EverythingAsync();

        await RunAsync("DeleteMembershipTableEntriesKey");

        Assert.Empty(await EverythingAsync());
        Assert.Equal(others, await other.EverythingAsync());
    }

    /// <summary>Holds the version row until all changes wait for a lock, so that every one of them began before any could end.</summary>
    private async Task<bool[]> AtOnceAsync(IEnumerable<Func<Task<bool>>> changes)
    {
        await using var holder = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await holder.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand(
            $"select from orleans_membership_version where deploymentid = '{_cluster}' for update", holder, transaction);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        Task<bool>[] running = [.. changes.Select(change => change())];
        await database.DataSource.WaitForLockedSessionsAsync(running.Length);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        return await Task.WhenAll(running);
    }

    private static NpgsqlParameter[] Silo(int port) =>
        [new NpgsqlParameter<string>("Address", "127.0.0.1"), new NpgsqlParameter<int>("Port", port), new NpgsqlParameter<int>("Generation", 7)];

    private static NpgsqlParameter<DateTime> Time(string name, DateTime value) => new(name, value);

    private static NpgsqlParameter Text(string name, string? value) =>
        new(name, NpgsqlTypes.NpgsqlDbType.Text) { Value = (object?)value ?? DBNull.Value };

    private Task<bool> InsertAsync(int port, int version, int status = Active, int? proxyPort = null) => AskAsync(
        "InsertMembershipKey",
        [
            .. Silo(port),
            Time("IAmAliveTime", Noon),
            Text("SiloName", "silo"),
            Text("HostName", "host"),
            Time("StartTime", Noon),
            new NpgsqlParameter<int>("Status", status),
            new NpgsqlParameter<int>("ProxyPort", proxyPort ?? 30000 + port),
            new NpgsqlParameter<int>("Version", version),
        ]);

    private Task<bool> UpdateAsync(int port, int version, int status, string? suspectTimes = null, DateTime? iAmAliveTime = null) => AskAsync(
        "UpdateMembershipKey",
        [
            .. Silo(port),
            Time("IAmAliveTime", iAmAliveTime ?? Noon),
            new NpgsqlParameter<int>("Status", status),
            Text("SuspectTimes", suspectTimes),
            new NpgsqlParameter<int>("Version", version),
        ]);

    /// <summary>Orleans throws when there is no row or a second column.</summary>
    private async Task<bool> AskAsync(string key, params NpgsqlParameter[] parameters) =>
        bool.Parse(Assert.Single(await RunAsync(key, parameters)));

    private async Task<IReadOnlyList<string>> RunAsync(string key, params NpgsqlParameter[] parameters)
    {
        var text = await database.DataSource.ScalarAsync<string>($"select querytext from orleansquery where querykey = '{key}'");
        await using var command = database.DataSource.CreateCommand(text);
        command.Parameters.AddWithValue("DeploymentId", _cluster);
        command.Parameters.AddRange(parameters);
        return await command.RowsAsync();
    }

    private Task<int> VersionAsync() =>
        database.DataSource.ScalarAsync<int>($"select version from orleans_membership_version where deploymentid = '{_cluster}'");

    private async Task<IReadOnlyList<string>> SiloPortsAsync() => await RowsAsync("select port from orleans_membership");

    private Task<IReadOnlyList<string>> RowsAsync(string select) =>
        database.DataSource.RowsAsync($"{select} where deploymentid = '{_cluster}' order by 1");

    private async Task<IReadOnlyList<string>> EverythingAsync() =>
    [
        .. await RowsAsync("select *, xmin::text from orleans_membership_version"),
        .. await RowsAsync("select *, xmin::text from orleans_membership"),
    ];
}
