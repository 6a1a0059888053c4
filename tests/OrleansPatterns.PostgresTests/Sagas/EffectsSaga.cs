using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.PostgresTests.Sagas;

/// <summary>Five steps, two of them at the same time, each of which leaves a row behind and some of which fail: before, after, for good.</summary>
[SagaName("effects")]
internal sealed class EffectsSaga : Saga<EffectsData>
{
    internal static readonly string[] StepNames = ["a", "b", "c", "d", "e"];

    protected override void Define(ISagaBuilder<EffectsData> saga)
    {
        Describe(saga, "a");
        saga.Parallel(group =>
        {
            Describe(group, "b");
            Describe(group, "c");
        });
        Describe(saga, "d");
        Describe(saga, "e");
    }

    private static void Describe(ISagaSteps<EffectsData> steps, string name) => steps.Step(name)
        .Do(async (step, token) =>
        {
            await step.Services.GetRequiredService<Effects>().DoAsync(step, token);
            step.Data.Done.Add(step.StepName);
        })
        .Compensate((step, token) => step.Services.GetRequiredService<Effects>().UndoAsync(step, token))
        .Retry(new SagaRetry { MaxAttempts = 4, Delay = TimeSpan.FromMilliseconds(20) })
        .RetryCompensation(new SagaRetry { MaxAttempts = 100, Delay = TimeSpan.FromMilliseconds(20), MaxDelay = TimeSpan.FromSeconds(1) });
}
