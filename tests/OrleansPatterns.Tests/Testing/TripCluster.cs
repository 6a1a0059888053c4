using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Sagas;
using OrleansPatterns.Testing;

namespace OrleansPatterns.Tests.Testing;

/// <summary>A cluster as an application's tests have it.</summary>
public sealed class TripCluster : IAsyncLifetime
{
    private PatternsTestCluster? _patterns;

    public TripLedger Ledger { get; } = new();

    public PatternsTestCluster Patterns => _patterns ?? throw new InvalidOperationException("The cluster is not deployed yet.");

    public async ValueTask InitializeAsync() => _patterns = await StartAsync(Ledger);

    public ValueTask DisposeAsync() => _patterns?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal static Task<PatternsTestCluster> StartAsync(TripLedger ledger, int silos = 2) => PatternsTestCluster.StartAsync(options =>
    {
        options.Silos = silos;
        options.ConfigureSilo(silo =>
        {
            silo.Services.AddSingleton(ledger);
            silo.AddSaga<TripSaga, Trip>();
        });
    });

    internal static async Task<SagaStatus> RunAsync(PatternsTestCluster patterns, string sagaId)
    {
        await patterns.Sagas.StartAsync<TripSaga, Trip>(sagaId, new Trip(), TestContext.Current.CancellationToken);
        return await patterns.AdvanceUntilAsync(
            patterns.Sagas.WaitForCompletionAsync(sagaId, TestContext.Current.CancellationToken), cancellationToken: TestContext.Current.CancellationToken);
    }
}
