using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;
using Orleans.Runtime.Placement;
using Shop.Stock;

namespace OrleansPatterns.Tests.Telemetry;

/// <summary>A step that calls everything there is to call, and one that fails, so that the first is undone.</summary>
[SagaName("traced")]
internal sealed class TracedSaga : Saga<TracedData>
{
    protected override void Define(ISagaBuilder<TracedData> saga)
    {
        saga.Step("call").Do(CallAsync).Compensate((_, _) => Task.CompletedTask);
        saga.Step("fail").Do((_, _) => throw new SagaRejectedException("enough"));
    }

    private static async Task CallAsync(SagaStepContext<TracedData> step, CancellationToken token)
    {
        step.Data.RanIn = step.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToString();
        using var http = new HttpClient();
        step.Data.Answer = await http.GetStringAsync(step.Data.Partner, token);

        RequestContext.Set(IPlacementDirector.PlacementHintKey, SiloAddress.FromParsableString(step.Data.StockSilo));
        step.Data.Stock = await step.Services.GetRequiredService<IGrainFactory>().GetGrain<IStockGrain>(step.SagaId).TakeAsync();

        await using var handle = await step.Services.GetRequiredService<IDistributedLockProvider>().AcquireLockAsync(step.SagaId, cancellationToken: token);
        await step.Services.GetRequiredService<IIdempotencyStore>().ExecuteAsync(step.SagaId, "f", _ => Task.FromResult(1), cancellationToken: token);
    }
}
