using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What a saga gives back, and what it remembers.</summary>
public sealed class SagaResultTests(SagaCluster<SagaResultTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaResultTests.Silo>>
{
    private const int MaxHistory = 8;

    [Fact]
    public async Task Result_IsWhatTheDefinitionMakesOfTheData()
    {
        Script.On("work", context => context.Data.Note = "done");
        await StartAsync<CountingSaga>();

        Assert.Equal(new Receipt("o-1", "done"), await Sagas.WaitForResultAsync<Receipt>(Id, Token).Soon());
        await Assert.ThrowsAsync<JsonException>(() => Sagas.WaitForResultAsync<List<int>>(Id, Token).Soon());
    }

    [Fact]
    public async Task Result_ByDefault_IsTheData()
    {
        await StartAsync<OrderSaga>();
        Assert.Equal(["reserve", "charge", "ship"], (await Sagas.WaitForResultAsync<OrderData>(Id, Token).Soon()).Trail);
    }

    [Fact]
    public async Task Result_OfASagaThatIsUndone_IsAnExceptionThatSaysHowItStands()
    {
        Script.On("charge", _ => throw new SagaRejectedException("card declined"));
        await StartAsync<OrderSaga>();

        var exception = await Assert.ThrowsAsync<SagaNotCompletedException>(() => Sagas.WaitForResultAsync<OrderData>(Id, Token).Soon());

        Assert.Equal("Compensated reserve=Compensated charge=Rejected ship=Pending", Show(exception.Status));
        Assert.Contains("card declined", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SagaNotFoundException>(() => Sagas.WaitForResultAsync<OrderData>("nobody", Token).Soon());
    }

    [Fact]
    public async Task Result_ThatCannotBeMade_Parks()
    {
        await StartAsync<CountingSaga>(data: new OrderData { Order = "broken" });
        Assert.Equal("The result cannot be computed from the data: InvalidOperationException: broken", (await EndAsync()).StuckReason);
    }

    [Fact]
    public async Task History_TellsEveryAttempt()
    {
        Script.On("charge", context =>
        {
            if (context.Attempt == 1)
            {
                throw new InvalidOperationException("no answer");
            }
        });
        Script.On("ship", _ => throw new SagaRejectedException("no lorry"));
        var began = Time.GetUtcNow();
        await StartAsync<OrderSaga>();
        await BackingOffAsync();
        Time.Advance(OrderSaga.BackOff);
        await EndAsync();

        var history = await Sagas.GetHistoryAsync(Id, Token).Soon();

        // Started and Succeeded reserve have gone.
        Assert.Equal((Id, 1), (history.SagaId, history.DroppedCount));
        Assert.Equal(
            [
                "Succeeded reserve#1", "Failed charge#1 InvalidOperationException: no answer", "Succeeded charge#2", "Rejected ship#1 no lorry",
                "TurnedRound  Step 'ship' was rejected: no lorry", "Succeeded undo charge#1", "Succeeded undo reserve#1", "Ended  Compensated",
            ],
            history.Entries.Select(Show));
        var failed = history.Entries[1];
        Assert.Equal((began, began), (failed.BegunAt, failed.At));
        var succeeded = history.Entries[2];
        Assert.Equal((began + OrderSaga.BackOff, began + OrderSaga.BackOff), (succeeded.BegunAt, succeeded.At));
        Assert.Equal(Fixture.Cluster.Silos[0].SiloAddress.ToString(), succeeded.Silo);
    }

    [Fact]
    public async Task History_KeepsTheLatest()
    {
        Script.On("work", context =>
        {
            if (context.Attempt < 20)
            {
                throw new InvalidOperationException("no");
            }
        });
        await StartAsync<CountingSaga>();
        await EndAsync();

        var history = await Sagas.GetHistoryAsync(Id, Token).Soon();

        // Started, 19 failures, a success, the end.
        Assert.Equal((MaxHistory, 22 - MaxHistory), (history.Entries.Length, history.DroppedCount));
        Assert.Equal("Failed work#14 InvalidOperationException: no", Show(history.Entries[0]));
        Assert.Equal("Ended  Completed", Show(history.Entries[^1]));
    }

    [Fact]
    public async Task History_CutsLongErrors()
    {
        Script.On("charge", _ => throw new SagaRejectedException(new string('e', 5_000)));
        await StartAsync<OrderSaga>();
        await EndAsync();

        var rejected = (await Sagas.GetHistoryAsync(Id, Token).Soon()).Entries.Single(entry => entry.Event == SagaEvent.Rejected);
        Assert.Equal(1_000, rejected.Detail?.Length);
        Assert.Equal(1_000, (await StatusAsync()).Steps[1].LastError?.Length);
    }

    private static string Show(SagaHistoryEntry entry) =>
        $"{entry.Event} {(entry.IsCompensation ? "undo " : "")}{entry.Step}{(entry.Attempt > 0 ? $"#{entry.Attempt}" : "")} {entry.Detail}".TrimEnd();

    /// <summary>Its members have other names than those of the data.</summary>
    private sealed record Receipt(string Number, string? Remark);

    private sealed class CountingSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Step("work").Do(SagaScript.RunAsync).Retry(new SagaRetry { MaxAttempts = 20, Delay = TimeSpan.Zero });
            saga.Result(data => data.Order == "broken" ? throw new InvalidOperationException("broken") : new Receipt(data.Order, data.Note));
        }
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            siloBuilder.AddSaga<CountingSaga, OrderData>();
            siloBuilder.Services.Configure<SagaOptions>(options => options.MaxHistory = MaxHistory);
        }
    }
}
