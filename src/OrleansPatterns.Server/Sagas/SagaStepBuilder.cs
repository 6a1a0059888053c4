using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

internal sealed class SagaStepBuilder<TData>(string name) : SagaElement<TData>(name), ISagaStepBuilder<TData>
    where TData : class
{
    private const int MaxAttemptsCeiling = 1000;
    private static readonly TimeSpan MaxDelayCeiling = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(24);

    private readonly List<Func<SagaStepContext<TData>, CancellationToken, Task>> _actions = [];
    private readonly List<Func<SagaStepContext<TData>, CancellationToken, Task>> _compensations = [];
    private SagaRetry? _retry;
    private SagaRetry _compensationRetry = new() { MaxAttempts = 10 };
    private TimeSpan _timeout = TimeSpan.FromSeconds(30);
    private string? _notCompensatable;
    private bool _isPivot;

    internal override bool IsPivot => _isPivot;

    public ISagaStepBuilder<TData> Do(Func<SagaStepContext<TData>, CancellationToken, Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _actions.Add(action);
        return this;
    }

    public ISagaStepBuilder<TData> Compensate(Func<SagaStepContext<TData>, CancellationToken, Task> compensation)
    {
        ArgumentNullException.ThrowIfNull(compensation);
        _compensations.Add(compensation);
        return this;
    }

    public ISagaStepBuilder<TData> NotCompensatable(string reason)
    {
        _notCompensatable = reason ?? "";
        return this;
    }

    public ISagaStepBuilder<TData> Pivot()
    {
        _isPivot = true;
        return this;
    }

    public ISagaStepBuilder<TData> When(Func<TData, bool> condition)
    {
        SetCondition(condition);
        return this;
    }

    public ISagaStepBuilder<TData> Retry(SagaRetry retry)
    {
        ArgumentNullException.ThrowIfNull(retry);
        _retry = retry;
        return this;
    }

    public ISagaStepBuilder<TData> RetryCompensation(SagaRetry retry)
    {
        ArgumentNullException.ThrowIfNull(retry);
        _compensationRetry = retry;
        return this;
    }

    public ISagaStepBuilder<TData> Timeout(TimeSpan timeout)
    {
        _timeout = timeout;
        return this;
    }

    internal static SagaStepBuilder<TData> ForClass<TStep>(string name)
        where TStep : class, ISagaStep<TData>
    {
        var step = new SagaStepBuilder<TData>(name);
        step.Do((context, token) => RunAsync<TStep>(context, body => body.ExecuteAsync(context, token)));
        if (typeof(ICompensatableSagaStep<TData>).IsAssignableFrom(typeof(TStep)))
        {
            step.Compensate((context, token) => RunAsync<TStep>(
                context, body => ((ICompensatableSagaStep<TData>)body).CompensateAsync(context, token)));
        }

        return step;
    }

    /// <summary>A step that is registered belongs to the attempt's scope; one that is not is made, and ended, here.</summary>
    private static async Task RunAsync<TStep>(SagaStepContext<TData> context, Func<ISagaStep<TData>, Task> run)
        where TStep : class, ISagaStep<TData>
    {
        if (context.Services.GetService<TStep>() is { } registered)
        {
            await run(registered);
            return;
        }

        var made = ActivatorUtilities.CreateInstance<TStep>(context.Services);
        try
        {
            await run(made);
        }
        finally
        {
            switch (made)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
    }

    internal override SagaStepDefinition Build(SagaPlace place) => new()
    {
        Name = Name,
        Kind = SagaStepKind.Action,
        Stage = place.Stage,
        Action = Bind(_actions.FirstOrDefault() ?? ((_, _) => Task.CompletedTask)),
        Compensation = _compensations.FirstOrDefault() is { } compensation ? Bind(compensation) : null,
        Retry = _retry ?? (place.IsAfterPivot ? new SagaRetry { MaxAttempts = SagaRetry.Unlimited } : new SagaRetry()),
        CompensationRetry = _compensationRetry,
        Timeout = _timeout,
        IsPivot = _isPivot || IsPointOfNoReturn(place),
        NotCompensatable = _notCompensatable,
        Condition = Condition,
    };

    protected override IEnumerable<string> OwnFaults(SagaPlace place)
    {
        if (_actions.Count != 1)
        {
            yield return $"step '{Name}' has {_actions.Count} actions; it must have exactly one.";
        }

        if (_compensations.Count > 1)
        {
            yield return $"step '{Name}' has {_compensations.Count} compensations; it must have at most one.";
        }

        if (_compensations.Count > 0 && place.IsAfterPivot)
        {
            yield return $"step '{Name}' comes after the pivot and has a compensation, which would never run; remove it, or move the step.";
        }

        if (_compensations.Count > 0 && _notCompensatable is not null)
        {
            yield return $"step '{Name}' has a compensation and is NotCompensatable; it must be one of the two.";
        }

        if (_compensations.Count == 0 && _notCompensatable is null && place.IsUndoneByOthers)
        {
            yield return $"step '{Name}' has no compensation, and what comes with or after it can fail; "
                + "give it one, or say why none is needed with NotCompensatable.";
        }

        if (_notCompensatable is not null && string.IsNullOrWhiteSpace(_notCompensatable))
        {
            yield return $"step '{Name}' is NotCompensatable without a reason; say why.";
        }

        if (_timeout <= TimeSpan.Zero || _timeout > MaxTimeout)
        {
            yield return $"step '{Name}': Timeout is {_timeout}; it must be greater than zero and at most {MaxTimeout}.";
        }

        foreach (var fault in Faults("Retry", _retry ?? new SagaRetry()).Concat(Faults("RetryCompensation", _compensationRetry)))
        {
            yield return fault;
        }
    }

    /// <summary>
    /// The last step, where nobody says how to undo it: once it is done the saga is, and while nobody knows whether it is, turning round would leave it
    /// standing. So it is treated as a pivot, stated or not.
    /// </summary>
    private bool IsPointOfNoReturn(SagaPlace place) =>
        _compensations.Count == 0 && _notCompensatable is null && place is { IsUndoneByOthers: false, IsAfterPivot: false };

    private IEnumerable<string> Faults(string option, SagaRetry retry)
    {
        if (retry.MaxAttempts is < 1 or > MaxAttemptsCeiling and not SagaRetry.Unlimited)
        {
            yield return $"step '{Name}': {option}.MaxAttempts is {retry.MaxAttempts}; it must be 1 to {MaxAttemptsCeiling}, or SagaRetry.Unlimited.";
        }

        if (retry.MaxDelay < TimeSpan.Zero || retry.MaxDelay > MaxDelayCeiling)
        {
            yield return $"step '{Name}': {option}.MaxDelay is {retry.MaxDelay}; it must be {TimeSpan.Zero} to {MaxDelayCeiling}.";
        }

        if (retry.Delay < TimeSpan.Zero || retry.Delay > retry.MaxDelay)
        {
            yield return $"step '{Name}': {option}.Delay is {retry.Delay}; it must be {TimeSpan.Zero} to MaxDelay ({retry.MaxDelay}).";
        }
    }

    private static Func<SagaStepCall, CancellationToken, Task<string>> Bind(Func<SagaStepContext<TData>, CancellationToken, Task> body) =>
        async (call, cancellationToken) =>
        {
            var context = new SagaStepContext<TData>
            {
                SagaId = call.SagaId,
                StepName = call.StepName,
                Data = Read(call.DataJson),
                Attempt = call.Attempt,
                IsCompensation = call.Direction == SagaDirection.Compensation,
                IsOutcomeUnknown = call.Direction == SagaDirection.Compensation && call.IsOutcomeUnknown,
                Services = call.Services,
            };
            await body(context, cancellationToken);

            // What grows is refused where it grows. An undoing must not fail because of what the steps have come to.
            var bound = context.IsCompensation ? int.MaxValue : Math.Max(call.MaxDataBytes, Encoding.UTF8.GetByteCount(call.DataJson));
            return SagaJson.Serialize(call.SagaId, context.Data, bound);
        };

    private static TData Read(string json)
    {
        try
        {
            return SagaJson.Deserialize<TData>(json);
        }
        catch (Exception exception)
        {
            throw new SagaDataUnreadableException(exception);
        }
    }
}
