using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <content>Sagas: one that goes on where <see cref="SampleSaga"/> is registered, and one that people have to look at.</content>
internal static partial class StoredSamples
{
    internal const string WaitingDataJson = """{"Sku":"sku-42","Reserved":true,"Charged":false}""";

    private static SagaRecord Waiting => new()
    {
        Definition = SampleSaga.Name,
        Version = 1,
        DataJson = WaitingDataJson,
        StartDataHash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData("{}"u8)),
        Phase = SagaPhase.Running,
        Steps =
        [
            new SagaStepRecord
            {
                Name = "reserve",
                State = SagaStepState.Succeeded,
                Action = new SagaTally { Begun = 2, Failed = 1, Lost = 1, BegunAt = Earlier, Silo = "S127.0.0.1:11111:1" },
            },
            new SagaStepRecord { Name = SampleSaga.Signal, State = SagaStepState.Waiting, DueAt = Later },
            new SagaStepRecord { Name = "charge" },
        ],
        Revision = 6,
        Stage = 1,
        Fingerprint = SampleSaga.Fingerprint,
        StartedAt = Earlier,
        DeadlineAt = Later,
        History = [new SagaHistoryEntry { Event = SagaEvent.Started, At = Earlier }],
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    private static SagaRecord Stuck => new()
    {
        Definition = "shop.checkout",
        Version = 2,
        DataJson = """{"Sku":"sku-43"}""",
        StartDataHash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData("{}"u8)),
        Phase = SagaPhase.Stuck,
        Steps =
        [
            new SagaStepRecord
            {
                Name = "reserve",
                State = SagaStepState.CompensationFailed,
                Action = new SagaTally { Begun = 3, Failed = 1, Lost = 1, IsOpen = true, BegunAt = Earlier, Silo = "S127.0.0.1:11111:1" },
                Compensation = new SagaTally { Begun = 5, Failed = 5, BegunAt = Earlier, Silo = "S127.0.0.1:11111:2" },
                IsOutcomeUnknown = true,
                LastError = "the warehouse does not answer",
                DueAt = Later,
                SignalId = Id(20),
            },
        ],
        Revision = 9,
        IsCancelRequested = true,
        CompensationReason = "cancelled",
        StuckReason = "'reserve' could not be undone",
        StuckIn = SagaPhase.Compensating,
        Stage = 1,
        Fingerprint = "0123456789abcdef",
        StartedAt = Earlier,
        DeadlineAt = Later,
        EndedAt = Earlier,
        History =
        [
            new SagaHistoryEntry
            {
                Event = SagaEvent.Failed,
                At = Earlier,
                Step = "reserve",
                Attempt = 5,
                IsCompensation = true,
                BegunAt = Earlier,
                Silo = "S127.0.0.1:11111:2",
                Detail = "the warehouse does not answer",
                By = "ada",
                InterventionId = Id(21),
            },
        ],
        HistoryDropped = 2,
        Signals = [new SagaSignal { SignalId = Id(22), Name = "approved", PayloadJson = "{}" }],
        ResultJson = "17",
        Parent = new SagaParent { SagaId = "order-6", StepName = "pay" },
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        IsAwaitingDefinition = true,
    };
}
