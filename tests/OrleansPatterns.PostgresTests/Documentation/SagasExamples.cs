#pragma warning disable CA1822, CA2000, IDE0059 // The code is what a reader sees: short, and not used further.

using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>The examples of docs/sagas.md: each region is one, word by word.</summary>
internal sealed class SagasExamples
{
    internal async Task StartAsync(ISagaClient sagas)
    {
        #region SAGAS-START
        await sagas.StartAsync<TripSaga, Trip>("trip-7", new Trip { City = "Rome" });
        await sagas.SignalAsync("trip-7", "deposit", new Deposit { Card = "4711" });
        var status = await sagas.WaitForCompletionAsync("trip-7");
        #endregion
    }

    internal async Task OperateAsync(ISagaOperations operations, ISagaClient sagas)
    {
        #region SAGAS-OPERATE
        var stuck = await operations.ListAsync(new SagaQuery { Phase = SagaPhase.Stuck, Definition = "trip" });
        var history = await sagas.GetHistoryAsync("trip-7");

        await operations.RetryAsync("trip-7", by: "ann", reason: "the hotel's API is back");
        await operations.SkipAsync("trip-8", "room", by: "ann", reason: "cancelled by phone, ticket 1234");
        await operations.CompensateAsync("trip-9", by: "ann", reason: "the airline has no such ticket");
        await operations.GiveUpAsync("trip-10", by: "ann", reason: "the customer keeps the room");
        await sagas.CancelAsync("trip-11");
        #endregion
    }
}

#region SAGAS-FIRST
[SagaName("trip")]
internal sealed class TripSaga(IAgency agency) : Saga<Trip>
{
    protected override void Define(ISagaBuilder<Trip> saga)
    {
        saga.WaitFor<Deposit>("deposit").Deadline(TimeSpan.FromMinutes(30)).Apply((trip, deposit) => trip.Card = deposit.Card);
        saga.Step("room")
            .Do(async (step, token) => step.Data.Room = await agency.BookRoomAsync(step.Data.City, step.IdempotencyKey, token))
            .Compensate((step, token) => agency.CancelRoomAsync(step.ActionIdempotencyKey, token));
        saga.Step("ticket").Pivot()
            .Do(async (step, token) => step.Data.Ticket = await agency.BuyTicketAsync(step.Data.City, step.IdempotencyKey, token));
    }
}
#endregion

internal sealed record Trip
{
    public required string City { get; set; }

    public string? Card { get; set; }

    public string? Room { get; set; }

    public string? Ticket { get; set; }
}

internal sealed record Deposit
{
    public required string Card { get; init; }
}

internal interface IAgency
{
    Task<string> BookRoomAsync(string city, string idempotencyKey, CancellationToken cancellationToken);

    Task CancelRoomAsync(string idempotencyKey, CancellationToken cancellationToken);

    /// <exception cref="SagaRejectedException">There is no seat.</exception>
    Task<string> BuyTicketAsync(string city, string idempotencyKey, CancellationToken cancellationToken);

    Task ThankAsync(string idempotencyKey, CancellationToken cancellationToken);
}

internal interface IOldHotel
{
    Task<string> BookAsync(string city, string reference, CancellationToken cancellationToken);

    Task CancelIfBookedAsync(string reference, CancellationToken cancellationToken);
}

#region SAGAS-STEP
internal sealed class BookRoom(IOldHotel hotel) : ICompensatableSagaStep<Trip>
{
    public async Task ExecuteAsync(SagaStepContext<Trip> context, CancellationToken cancellationToken) =>
        context.Data.Room = await context.ExecuteOnceAsync(
            token => hotel.BookAsync(context.Data.City, reference: context.SagaId, token), cancellationToken);

    // Also when nobody knows whether it has booked: context.IsOutcomeUnknown.
    public Task CompensateAsync(SagaStepContext<Trip> context, CancellationToken cancellationToken) =>
        hotel.CancelIfBookedAsync(reference: context.SagaId, cancellationToken);
}
#endregion

[SagaName("grand-tour")]
internal sealed class GrandTourSaga(IAgency agency) : Saga<Trip>
{
    protected override void Define(ISagaBuilder<Trip> saga)
    {
        #region SAGAS-ALL
        saga.Version(2).Deadline(TimeSpan.FromDays(2)).MaxConcurrency(50);
        saga.SearchAttribute("city", trip => trip.City).Result(trip => trip.Ticket);
        saga.Parallel(group =>
        {
            group.Step<BookRoom>("room").Retry(new SagaRetry { MaxAttempts = 5, RetryOn = fault => fault is not FormatException });
            group.Child<TripSaga, Trip>("day-trip", trip => new Trip { City = $"near {trip.City}" })
                .NotCompensatable("tickets bought are kept")
                .When(trip => trip.Card is not null);
        });
        saga.Step("ticket").Pivot().Timeout(TimeSpan.FromMinutes(1))
            .Do(async (step, token) => step.Data.Ticket = await agency.BuyTicketAsync(step.Data.City, step.IdempotencyKey, token));
        saga.Delay("on-the-way", TimeSpan.FromDays(14));
        saga.WaitFor("home").Deadline(TimeSpan.FromDays(30), SagaDeadlineAction.Continue);
        saga.Step("thank").Do((step, token) => agency.ThankAsync(step.IdempotencyKey, token));
        #endregion
    }
}

/// <summary>The page's sagas in a cluster in memory.</summary>
public sealed class TripSagaTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly TestCluster _cluster;

    public TripSagaTests() =>
        _cluster = new TestClusterBuilder(1).AddOrleansPatterns(_time).AddSiloBuilderConfigurator<TripSilo>().Build();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ISagaClient Sagas => _cluster.Client.ServiceProvider.GetRequiredService<ISagaClient>();

    private FakeAgency Agency => _cluster.GetSiloServiceProvider(_cluster.Silos[0].SiloAddress).GetRequiredService<FakeAgency>();

    public async ValueTask InitializeAsync() => await _cluster.DeployAsync(Token);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    #region SAGAS-TEST
    [Fact]
    public async Task Trip_WithoutASeat_KeepsNoRoom()
    {
        await Sagas.StartAsync<TripSaga, Trip>("trip-1", new Trip { City = "nowhere" }, Token);
        await Sagas.SignalAsync("trip-1", "deposit", new Deposit { Card = "4711" }, cancellationToken: Token);

        var status = await Sagas.WaitForCompletionAsync("trip-1", Token);
        Assert.Equal("Step 'ticket' was rejected: no seat", status.CompensationReason);
        Assert.Empty(Agency.Rooms);
    }
    #endregion

    [Fact]
    public async Task Trip_WithoutADeposit_EndsAfterHalfAnHour()
    {
        await Sagas.StartAsync<TripSaga, Trip>("trip-2", new Trip { City = "Rome" }, Token);
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(SagaPhase.Compensated, (await Sagas.WaitForCompletionAsync("trip-2", Token)).Phase);
    }

    private sealed class TripSilo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder
            .AddSaga<TripSaga, Trip>()
            .AddSaga<GrandTourSaga, Trip>()
            .Services.AddSingleton<FakeAgency>().AddSingleton<IAgency>(services => services.GetRequiredService<FakeAgency>());
    }

    private sealed class FakeAgency : IAgency
    {
        public ConcurrentDictionary<string, string> Rooms { get; } = [];

        public Task<string> BookRoomAsync(string city, string idempotencyKey, CancellationToken cancellationToken) =>
            Task.FromResult(Rooms.GetOrAdd(idempotencyKey, city));

        public Task CancelRoomAsync(string idempotencyKey, CancellationToken cancellationToken)
        {
            Rooms.TryRemove(idempotencyKey, out _);
            return Task.CompletedTask;
        }

        public Task<string> BuyTicketAsync(string city, string idempotencyKey, CancellationToken cancellationToken) =>
            city == "nowhere" ? throw new SagaRejectedException("no seat") : Task.FromResult($"to {city}");

        public Task ThankAsync(string idempotencyKey, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
