using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.PostgresTests.Sagas;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.ChaosTests.Sagas;

/// <summary>Starts sagas one after the other. How they end is looked at afterwards.</summary>
internal sealed class SagaWorkload(ISagaClient sagas, HistoryWriter history, TimeProvider time)
{
    internal async Task RunAsync(CancellationToken quiet)
    {
        while (!quiet.IsCancellationRequested)
        {
            var id = $"saga-{Guid.NewGuid():N}";
            var start = history.Call(SagaActions.Start, id);
            try
            {
                await sagas.StartAsync<EffectsSaga, EffectsData>(id, new EffectsData { Number = 0, RunsOnce = true }, CancellationToken.None);
                start.Ok();
            }
            catch (Exception exception)
            {
                start.Unknown(exception);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, CancellationToken.None);
        }
    }
}
