using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Testing;

public sealed partial class PatternsTestCluster
{
    /// <summary>Lets a saga's step fail.</summary>
    /// <remarks>
    /// With <see cref="SagaRejectedException"/> the step says no: it did not happen, and what came before it is undone. With any other exception its outcome
    /// is unknown, and it is tried again as its <c>Retry</c> says. Of several faults of the same step the first that is not used up counts.
    /// </remarks>
    /// <typeparam name="TSaga">The saga's definition.</typeparam>
    /// <param name="step">The step's name.</param>
    /// <param name="exception">What the step throws.</param>
    /// <param name="attempts">How many attempts fail, of all sagas together. Default: all.</param>
    /// <param name="point">Whether the step's own work is done first. Default: it is not.</param>
    /// <param name="sagaId">Only this saga's. Default: those of all sagas of the definition.</param>
    /// <returns>Dispose it to mend the step.</returns>
    /// <exception cref="ArgumentException">The silos have no such saga or step, or the step has no work of its own.</exception>
    public SagaStepFault FailStep<TSaga>(
        string step, Exception exception, int attempts = int.MaxValue, SagaFaultPoint point = SagaFaultPoint.BeforeStep, string? sagaId = null)
        where TSaga : class
    {
        ArgumentNullException.ThrowIfNull(exception);
        return Inject<TSaga>(step, SagaDirection.Action, exception, point, attempts, sagaId);
    }

    /// <summary>Lets the compensation of a saga's step fail. When it fails too often, the saga is Stuck.</summary>
    /// <typeparam name="TSaga">The saga's definition.</typeparam>
    /// <param name="step">The step's name.</param>
    /// <param name="exception">What the compensation throws.</param>
    /// <param name="attempts">How many attempts fail, of all sagas together. Default: all.</param>
    /// <param name="point">Whether the compensation's own work is done first. Default: it is not.</param>
    /// <param name="sagaId">Only this saga's. Default: those of all sagas of the definition.</param>
    /// <returns>Dispose it to mend the compensation.</returns>
    /// <exception cref="ArgumentException">The silos have no such saga or step, or the step has no compensation.</exception>
    public SagaStepFault FailCompensation<TSaga>(
        string step, Exception exception, int attempts = int.MaxValue, SagaFaultPoint point = SagaFaultPoint.BeforeStep, string? sagaId = null)
        where TSaga : class
    {
        ArgumentNullException.ThrowIfNull(exception);
        return Inject<TSaga>(step, SagaDirection.Compensation, exception, point, attempts, sagaId);
    }

    /// <summary>
    /// Lets a step take its silo down with it, once. The saga goes on, on another silo, when that finds out: with <see cref="AdvanceUntilAsync"/>, after
    /// <see cref="SagaOptions.RecoveryInterval"/>.
    /// </summary>
    /// <typeparam name="TSaga">The saga's definition.</typeparam>
    /// <param name="step">The step's name.</param>
    /// <param name="point">Whether the step's own work is done first. Default: it is, and the next attempt finds it done.</param>
    /// <param name="sagaId">Only this saga's. Default: those of all sagas of the definition.</param>
    /// <returns>Dispose it to spare the step after all.</returns>
    /// <exception cref="ArgumentException">The silos have no such saga or step, or the step has no work of its own.</exception>
    /// <exception cref="InvalidOperationException">It is a test cluster of your own whose membership is in its first silo.</exception>
    public SagaStepFault CrashStep<TSaga>(string step, SagaFaultPoint point = SagaFaultPoint.AfterStep, string? sagaId = null)
        where TSaga : class
    {
        if (TestCluster.Primary is not null)
        {
            throw new InvalidOperationException(
                "The first silo of this test cluster has the membership of all and cannot be killed, and the step may run there. Start the cluster with "
                + "PatternsTestCluster.StartAsync.");
        }

        return Inject<TSaga>(step, SagaDirection.Action, exception: null, point, attempts: 1, sagaId);
    }

    private SagaStepFault Inject<TSaga>(string step, SagaDirection direction, Exception? exception, SagaFaultPoint point, int attempts, string? sagaId)
        where TSaga : class
    {
        var name = SagaNameAttribute.Of(typeof(TSaga));
        var definition = TestCluster.GetSiloServiceProvider().GetRequiredService<SagaRegistry>().FindLatest(name)
            ?? throw new ArgumentException($"The silos have no saga '{name}'. Add it with ConfigureSilo(silo => silo.AddSaga<{typeof(TSaga).Name}, ...>()).", nameof(step));
        var steps = definition.Steps.Where(own => (direction == SagaDirection.Action ? own.Action : own.Compensation) is not null).Select(own => own.Name).ToList();
        return steps.Contains(step)
            ? new SagaStepFault(_parts.Faults, CrashAsync, name, step, direction, exception, point, attempts, sagaId)
            : throw new ArgumentException($"Saga '{name}' has no step '{step}' with {direction switch
            {
                SagaDirection.Action => "work",
                _ => "a compensation",
            }} of its own. It has: {string.Join(", ", steps)}.", nameof(step));
    }
}
