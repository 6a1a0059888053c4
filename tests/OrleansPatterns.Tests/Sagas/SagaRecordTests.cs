using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Rows as releases wrote them. Renaming or moving a member, or a type, would lose every running saga.</summary>
public sealed class SagaRecordTests(SagaCluster fixture) : IClassFixture<SagaCluster>
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly SagaRecord First = new()
    {
        Definition = "order",
        Version = 2,
        DataJson = """{"Order":"o-1"}""",
        StartDataHash = "AB",
        Phase = SagaPhase.Stuck,
        Steps =
        [
            new SagaStepRecord
            {
                Name = "charge",
                State = SagaStepState.CompensationFailed,
                Action = new SagaTally { Begun = 2, Failed = 2 },
                IsOutcomeUnknown = true,
            },
            new SagaStepRecord
            {
                Name = "ship", LastError = "E: no", Compensation = new SagaTally { Begun = 1, Lost = 1, IsOpen = true },
            },
        ],
        Revision = 9,
        IsCancelRequested = true,
        CompensationReason = "why",
        StuckReason = "where",
        StuckIn = SagaPhase.Compensating,
    };

    private static readonly SagaRecord Full = First with
    {
        Steps =
        [
            new SagaStepRecord
            {
                Name = "approved",
                State = SagaStepState.Waiting,
                Action = new SagaTally { Begun = 1, IsOpen = true, BegunAt = At, Silo = "S1" },
                DueAt = At.AddDays(1),
                SignalId = new Guid("11111111-2222-3333-4444-555555555555"),
            },
        ],
        Stage = 1,
        Fingerprint = "0123456789abcdef",
        StartedAt = At,
        DeadlineAt = At.AddHours(1),
        EndedAt = At.AddHours(2),
        History =
        [
            new SagaHistoryEntry
            {
                Event = SagaEvent.Failed,
                At = At,
                Step = "charge",
                Attempt = 2,
                IsCompensation = true,
                BegunAt = At,
                Silo = "S1",
                Detail = "E: no",
                By = "ann",
            },
        ],
        HistoryDropped = 3,
        Signals =
        [
            new SagaSignal
            {
                SignalId = new Guid("11111111-2222-3333-4444-555555555556"), Name = "go", PayloadJson = "{}",
            },
        ],
        ResultJson = "7",
        Parent = new SagaParent { SagaId = "trip-1", StepName = "hotel" },
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        IsAwaitingDefinition = true,
    };

    /// <summary>Members that came later have their defaults.</summary>
    [Fact]
    public void Record_AsFirstStored_IsStillRead()
    {
        const string Stored =
            """
            {"$id":"1","$type":"OrleansPatterns.Server.Sagas.SagaRecord, OrleansPatterns.Server","Definition":"order","Version":2,"DataJson":"{\"Order\":\"o-1\"}","StartDataHash":"AB","Phase":5,"Steps":{"$type":"System.Collections.Immutable.ImmutableArray`1[[OrleansPatterns.Server.Sagas.SagaStepRecord, OrleansPatterns.Server]], System.Collections.Immutable","$values":[{"$id":"2","$type":"OrleansPatterns.Server.Sagas.SagaStepRecord, OrleansPatterns.Server","Name":"charge","State":8,"Action":{"$id":"3","$type":"OrleansPatterns.Server.Sagas.SagaTally, OrleansPatterns.Server","Begun":2,"Failed":2},"Compensation":{"$id":"4","$type":"OrleansPatterns.Server.Sagas.SagaTally, OrleansPatterns.Server"},"IsOutcomeUnknown":true},{"$id":"5","$type":"OrleansPatterns.Server.Sagas.SagaStepRecord, OrleansPatterns.Server","Name":"ship","State":1,"Action":{"$id":"6","$type":"OrleansPatterns.Server.Sagas.SagaTally, OrleansPatterns.Server"},"Compensation":{"$id":"7","$type":"OrleansPatterns.Server.Sagas.SagaTally, OrleansPatterns.Server","Begun":1,"Lost":1,"IsOpen":true},"LastError":"E: no"}]},"Revision":9,"IsCancelRequested":true,"CompensationReason":"why","StuckReason":"where","StuckIn":2}
            """;
        AssertSame(First, Serializer.Deserialize<SagaRecord>(BinaryData.FromString(Stored))!);
    }

    [Fact]
    public void Record_WithEveryMember_IsStoredAndReadSo()
    {
        const string Stored =
            """
            {"$id":"1","$type":"OrleansPatterns.Server.Sagas.SagaRecord, OrleansPatterns.Server","Definition":"order","Version":2,"DataJson":"{\"Order\":\"o-1\"}","StartDataHash":"AB","Phase":5,"Steps":{"$type":"System.Collections.Immutable.ImmutableArray`1[[OrleansPatterns.Server.Sagas.SagaStepRecord, OrleansPatterns.Server]], System.Collections.Immutable","$values":[{"$id":"2","$type":"OrleansPatterns.Server.Sagas.SagaStepRecord, OrleansPatterns.Server","Name":"approved","State":9,"Action":{"$id":"3","$type":"OrleansPatterns.Server.Sagas.SagaTally, OrleansPatterns.Server","Begun":1,"IsOpen":true,"BegunAt":"2026-01-02T03:04:05+00:00","Silo":"S1"},"Compensation":{"$id":"4","$type":"OrleansPatterns.Server.Sagas.SagaTally, OrleansPatterns.Server"},"DueAt":"2026-01-03T03:04:05+00:00","SignalId":"11111111-2222-3333-4444-555555555555"}]},"Revision":9,"IsCancelRequested":true,"CompensationReason":"why","StuckReason":"where","StuckIn":2,"Stage":1,"Fingerprint":"0123456789abcdef","StartedAt":"2026-01-02T03:04:05+00:00","DeadlineAt":"2026-01-02T04:04:05+00:00","EndedAt":"2026-01-02T05:04:05+00:00","History":{"$type":"System.Collections.Immutable.ImmutableArray`1[[OrleansPatterns.Sagas.SagaHistoryEntry, OrleansPatterns]], System.Collections.Immutable","$values":[{"$id":"5","$type":"OrleansPatterns.Sagas.SagaHistoryEntry, OrleansPatterns","Event":4,"At":"2026-01-02T03:04:05+00:00","Step":"charge","Attempt":2,"IsCompensation":true,"BegunAt":"2026-01-02T03:04:05+00:00","Silo":"S1","Detail":"E: no","By":"ann"}]},"HistoryDropped":3,"Signals":{"$type":"System.Collections.Immutable.ImmutableArray`1[[OrleansPatterns.Sagas.SagaSignal, OrleansPatterns]], System.Collections.Immutable","$values":[{"$id":"6","$type":"OrleansPatterns.Sagas.SagaSignal, OrleansPatterns","SignalId":"11111111-2222-3333-4444-555555555556","Name":"go","PayloadJson":"{}"}]},"ResultJson":"7","Parent":{"$id":"7","$type":"OrleansPatterns.Sagas.SagaParent, OrleansPatterns","SagaId":"trip-1","StepName":"hotel"},"TraceParent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","IsAwaitingDefinition":true}
            """;
        Assert.Equal(Stored, Serializer.Serialize(Full).ToString());
        AssertSame(Full, Serializer.Deserialize<SagaRecord>(BinaryData.FromString(Stored))!);
    }

    /// <summary>Arrays have no value of their own, so they are compared apart.</summary>
    private static void AssertSame(SagaRecord expected, SagaRecord read)
    {
        Assert.Equal(expected.Steps, read.Steps);
        Assert.Equal(expected.History, read.History);
        Assert.Equal(expected.Signals, read.Signals);
        Assert.Equal(
            expected with { Steps = [], History = [], Signals = [] }, read with { Steps = [], History = [], Signals = [] });
    }

    private IGrainStorageSerializer Serializer => fixture.SiloServices.GetRequiredService<IGrainStorageSerializer>();
}
