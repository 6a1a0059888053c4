using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Server.CircuitBreakers;
using OrleansPatterns.Server.Discovery;
using OrleansPatterns.Server.Idempotency;
using OrleansPatterns.Server.Locks;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>
/// States as grains store them, by the name of the state and of the sample. Together they have every member set, to something that no grain would
/// take for unset: <see cref="StoredSampleTests"/> says which is missing.
/// </summary>
internal static partial class StoredSamples
{
    /// <summary>Far from now, so that nothing in a sample is over by the time it is read.</summary>
    private static readonly DateTimeOffset Later = new(2400, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private static readonly DateTimeOffset Earlier = new(2025, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    internal static IReadOnlyDictionary<string, object> All { get; } = new Dictionary<string, object>
    {
        ["breaker.isolated"] = Breaker,
        ["idempotency.completed"] = Completed,
        ["idempotency.sealed"] = Sealed,
        ["lock.held"] = Held,
        ["lock.semaphore"] = Semaphore,
        ["saga.stuck"] = Stuck,
        ["saga.waiting"] = Waiting,
        ["service.listed"] = Listed,
        ["service.spread"] = Spread,
    };

    /// <summary>The rows that people search by: status and summary, as a grain with such a state writes them.</summary>
    internal static IReadOnlyDictionary<string, string> Summaries { get; } = new Dictionary<string, string>
    {
        [PatternNames.Breaker] = BreakerCatalogRow.For("k", Breaker).SummaryJson,
        [PatternNames.Saga] = SagaCatalogRow.For("k", Stuck, definition: null, wakeIn: null, before: null).SummaryJson,
        [PatternNames.Service] = ServiceCatalogRow.For("k", ServiceRules.ToSnapshot(Listed), version: 1).SummaryJson,
        [PatternNames.Lock] = System.Text.Json.JsonSerializer.Serialize(
            new LockListing { Owner = "orders-1", Holders = 2, Waiters = 3, Since = Earlier }, System.Text.Json.JsonSerializerOptions.Web),
    };

    private static LockRecord Held => new()
    {
        LastToken = 41,
        TokenFloor = 30,
        HorizonAt = Earlier,
        Holders =
        [
            new LockRecordHolder
            {
                RequestId = Id(1),
                Token = 40,
                Owner = "orders-1",
                Mode = LockMode.Write,
                EndsIn = TimeSpan.FromHours(5),
                HeldFor = TimeSpan.FromMinutes(6),
                UpgradedFromRequestId = Id(2),
                UpgradedFromToken = 39,
            },
        ],
        Secret = Id(3),
        WriteId = Id(4),
    };

    private static LockRecord Semaphore => new()
    {
        LastToken = 7,
        Horizon = TimeSpan.FromMilliseconds(200),
        HorizonAt = Earlier,
        Permits = 3,
        Secret = Id(5),
        WriteId = Id(6),
        Holders = [new LockRecordHolder { RequestId = Id(7), Token = 7, Owner = "orders-2", Mode = LockMode.Permit, EndsIn = TimeSpan.FromSeconds(8) }],
    };

    private static BreakerRecord Breaker => new()
    {
        Version = 12,
        Cluster = new BreakerCircuit
        {
            State = BreakerState.HalfOpen,
            Generation = 9,
            BreakDuration = TimeSpan.FromSeconds(40),
            Reopenings = 2,
            Reason = "7 of 10 calls failed",
            SuccessfulProbes = 1,
            Permits = [31, 32],
        },
        CallerCircuits =
        [
            new BreakerCallerCircuit { Caller = "orders-1", Circuit = new BreakerCircuit { State = BreakerState.Open, Generation = 10, Permits = [33] } },
        ],
        Override = new BreakerOverride { State = BreakerState.Isolated, Reason = "moving house", Author = "ada", ExpiresAfter = TimeSpan.FromDays(300) },
        OverrideEndsAt = Later,
        Settings = new BreakerSettings
        {
            FailureRatio = 0.25,
            MinimumThroughput = 20,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = TimeSpan.FromSeconds(5),
            MaxBreakDuration = TimeSpan.FromMinutes(3),
            SuccessfulProbes = 4,
            ProbeLease = TimeSpan.FromSeconds(6),
            ConcurrentProbes = 3,
            ConsecutiveFailures = 15,
            SlowCallDuration = TimeSpan.FromSeconds(2),
            SlowCallRatio = 0.5,
            MinimumCallers = 5,
            MaxCallerShare = 0.75,
        },
        History =
        [
            new BreakerTransition
            {
                Version = 11,
                From = BreakerState.Closed,
                To = BreakerState.LocalOpen,
                Reason = "its own calls fail",
                Author = "grace",
                At = Earlier,
                OnlyCallers = ["orders-1"],
                Callers = [new BreakerCallerStatus { Caller = "orders-1", State = BreakerState.Open, Successes = 3, Failures = 7, SlowCalls = 2 }],
            },
        ],
        RetiredPermits = [21, 22],
        Decisions = [Id(8), Id(9)],
    };

    private static ServiceRecord Listed => new()
    {
        Epoch = Id(10),
        Version = 5,
        IsProtected = true,
        Instances =
        [
            new LeasedInstance
            {
                Instance = new ServiceInstance
                {
                    Id = "orders-1",
                    Endpoint = new Uri("http://10.0.0.7:8080"),
                    Zone = "west",
                    Version = "1.2.3",
                    Metadata = new Dictionary<string, string> { ["team"] = "checkout", ["colour"] = "blue" },
                    Endpoints = new Dictionary<string, Uri> { ["grpc"] = new("http://10.0.0.7:9090") },
                    Tags = ["canary", "fast"],
                    Weight = 2.5,
                    Status = InstanceStatus.Warning,
                    StatusSource = StatusSource.HealthCheck,
                    HealthCheck = new InstanceHealthCheck
                    {
                        Kind = HealthCheckKind.Grpc,
                        EndpointName = "grpc",
                        Path = "/ready",
                        GrpcService = "orders.v1",
                        Interval = TimeSpan.FromMinutes(50),
                        Timeout = TimeSpan.FromSeconds(3),
                        FailuresToDown = 4,
                        SuccessesToUp = 3,
                    },
                    Lease = TimeSpan.FromMinutes(50),
                    RemoveAfter = TimeSpan.FromHours(20),
                },
                IsLapsed = true,
                IsUnwell = true,
                Override = new InstanceOverride { Status = InstanceStatus.Draining, Reason = "new disk", Author = "ada" },
                Decisions = [Id(11)],
            },
        ],
    };

    private static ServiceRecord Spread => Listed with { Shards = 4, IsProtected = false };

    private static IdempotencyRecord Completed => new()
    {
        ExecutionToken = 3,
        Status = ExecutionStatus.Completed,
        RequestId = Id(12),
        Fingerprint = RequestFingerprint.OfText("an order").Value,
        Lease = TimeSpan.FromSeconds(30),
        Renewals = 8,
        OnAbandoned = OnAbandoned.Park,
        Result = "\"receipt 17\""u8.ToArray(),
        CompletedAt = Earlier,
        ExpiresAt = Later,
        HasLostExecution = true,
    };

    private static IdempotencyRecord Sealed => new()
    {
        ExecutionToken = 4,
        Status = ExecutionStatus.Failed,
        RequestId = Id(13),
        Fingerprint = RequestFingerprint.OfText("an order").Value,
        Lease = TimeSpan.FromSeconds(30),
        OnAbandoned = OnAbandoned.Retry,
        OmittedResultBytes = 70_000,
        CompletedAt = Earlier,
        ExpiresAt = Later,
        Failure = new IdempotencyFailure { Type = "Shop.CardDeclined", Message = "no funds" },
        SealedAs = SealOutcome.Completed,
    };

    private static Guid Id(int number) => new(number, 0x1b2c, 0x3d4e, 0x5f, 0x60, 0x71, 0x82, 0x93, 0xa4, 0xb5, 0xc6);
}
