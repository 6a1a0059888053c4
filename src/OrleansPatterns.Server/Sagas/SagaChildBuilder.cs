using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

internal sealed class SagaChildBuilder<TData, TChildData>(string name, string definition, Func<TData, TChildData> data)
    : SagaElement<TData>(name), ISagaChildBuilder<TData, TChildData>
    where TData : class
    where TChildData : class
{
    private string? _notCompensatable;
    private Func<string, string, string>? _apply;

    public ISagaChildBuilder<TData, TChildData> Apply(Action<TData, TChildData> apply)
    {
        _apply = Applying(apply);
        return this;
    }

    public ISagaChildBuilder<TData, TChildData> NotCompensatable(string reason)
    {
        _notCompensatable = reason ?? "";
        return this;
    }

    public ISagaChildBuilder<TData, TChildData> When(Func<TData, bool> condition)
    {
        SetCondition(condition);
        return this;
    }

    internal override SagaStepDefinition Build(SagaPlace place) => new()
    {
        Name = Name,
        Kind = SagaStepKind.Child,
        Stage = place.Stage,
        Action = StartAsync,
        Compensation = _notCompensatable is null && !place.IsAfterPivot ? UndoAsync : null,

        // As long as the child takes, and for as long as it is stuck itself: when that is mended this goes on as well. What no time mends, an operator
        // is to see: the saga is stuck.
        CompensationRetry = new SagaRetry { MaxAttempts = SagaRetry.Unlimited, RetryOn = static fault => fault is not SagaChildNotUndoableException },
        Retry = place.IsAfterPivot ? new SagaRetry { MaxAttempts = SagaRetry.Unlimited } : new SagaRetry(),
        NotCompensatable = _notCompensatable,
        Condition = Condition,
        Apply = _apply,
        Child = definition,
    };

    protected override IEnumerable<string> OwnFaults(SagaPlace place)
    {
        if (_notCompensatable is not null && string.IsNullOrWhiteSpace(_notCompensatable))
        {
            yield return $"step '{Name}' is NotCompensatable without a reason; say why.";
        }
    }

    /// <summary>The child reports its end by itself; see <see cref="ISagaAttempts.ChildEndedAsync"/>.</summary>
    private async Task<string> StartAsync(SagaStepCall call, CancellationToken cancellationToken)
    {
        TChildData childData;
        try
        {
            childData = data(SagaJson.Deserialize<TData>(call.DataJson));
        }
        catch (Exception exception)
        {
            throw new SagaDataUnreadableException(exception);
        }

        await call.Services.GetRequiredService<SagaClient>().StartAsync(
            SagaStepKey.For(call.SagaId, call.StepName), definition, childData, ParentOf(call), call.TraceParent, cancellationToken);
        return call.DataJson;
    }

    private async Task<string> UndoAsync(SagaStepCall call, CancellationToken cancellationToken)
    {
        await call.Services.GetRequiredService<SagaChildren>().UndoAsync(
            SagaStepKey.For(call.SagaId, call.StepName), ParentOf(call), definition, cancellationToken);
        return call.DataJson;
    }

    private static SagaParent ParentOf(SagaStepCall call) => new() { SagaId = call.SagaId, StepName = call.StepName };
}
