using OrleansPatterns.Catalog;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What tests of sagas have in common: a saga of their own, and ways to wait for it.</summary>
public abstract class SagaTests(SagaCluster fixture)
{
    protected static OrderData Data => new() { Order = "o-1" };

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected SagaScript Script { get; } = new($"saga-{Guid.NewGuid():N}");

    protected string Id => Script.SagaId;

    protected SagaCluster Fixture => fixture;

    protected SagaTime Time => fixture.Time;

    protected ISagaClient Sagas => fixture.Sagas;

    protected ISagaOperations Operations => fixture.Operations;

    protected ISagaGrain Grain => GrainOf(Id);

    private protected ISagaAttempts Attempts => Grain.AsReference<ISagaAttempts>();

    protected IWakeable Wakeable => Grain.AsReference<IWakeable>();

    protected ISagaGrain GrainOf(string sagaId) => fixture.Cluster.Client.GetSagaGrain(sagaId);

    private protected Task<SagaStatus> StartAsync<TSaga>(string? sagaId = null, OrderData? data = null)
        where TSaga : Saga<OrderData> => Sagas.StartAsync<TSaga, OrderData>(sagaId ?? Id, data ?? Data, Token).Soon();

    protected Task<SagaStatus> EndAsync(string? sagaId = null) => Sagas.WaitForCompletionAsync(sagaId ?? Id, Token).Soon();

    protected Task<SagaStatus> StatusAsync(string? sagaId = null) => Sagas.GetStatusAsync(sagaId ?? Id, Token).Soon();

    protected Task CrashAsync(string? sagaId = null) => fixture.Cluster.DeactivateAsync(GrainOf(sagaId ?? Id)).Soon();

    /// <summary>Waits until a step stands so, and the turn that made it so is over, its row included.</summary>
    protected async Task StepAsync(string step, SagaStepState state, string? sagaId = null)
    {
        await WrittenAsync(record => record.Steps.Any(one => one.Name == step && one.State == state), $"at {step}={state}", sagaId);
        await SettledAsync(sagaId);
    }

    private protected Task WrittenAsync(Func<SagaRecord, bool> wanted, string what, string? sagaId = null) =>
        Time.Journal.WrittenAsync(sagaId ?? Id, wanted, what);

    /// <summary>Waits for the turns that the grain has begun: a report of nothing passes through it behind them.</summary>
    protected Task SettledAsync(string? sagaId = null) => GrainOf(sagaId ?? Id).AsReference<ISagaAttempts>().CompleteAttemptAsync(
        new SagaAttemptReport { Step = -1, Direction = SagaDirection.Action, Attempt = 1, Outcome = SagaAttemptOutcome.Failed }).Soon();

    protected async Task<CatalogEntry?> RowAsync(string? sagaId = null)
    {
        await SettledAsync(sagaId);
        return await fixture.Catalog.FindAsync(PatternNames.Saga, sagaId ?? Id, Token).Soon();
    }

    /// <summary>Waits until a step is in its back-off: the turn is over in which the timer was set.</summary>
    protected async Task BackingOffAsync(string step = "charge")
    {
        await WrittenAsync(record => record.Steps.Any(one => one.Name == step && one.DueAt is not null), $"in the back-off of {step}");
        await SettledAsync();
    }

    protected static string Show(SagaStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return $"{status.Phase} {string.Join(' ', status.Steps.Select(step => $"{step.Name}={step.State}"))}";
    }
}
