using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

internal sealed class SagaStepBuilder<TData>(string name) : ISagaStepBuilder<TData>
    where TData : class
{
    private const int MaxNameLength = 100;
    private const int MaxAttemptsCeiling = 1000;
    private static readonly TimeSpan MaxDelayCeiling = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(24);

    private readonly List<Func<SagaStepContext<TData>, CancellationToken, Task>> _actions = [];
    private readonly List<Func<SagaStepContext<TData>, CancellationToken, Task>> _compensations = [];
    private SagaRetry _retry = new();
    private SagaRetry _compensationRetry = new() { MaxAttempts = 10 };
    private TimeSpan _timeout = TimeSpan.FromSeconds(30);

    internal string Name => name ?? "";

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
        step.Do((context, token) => Resolve(context).ExecuteAsync(context, token));
        step.Compensate((context, token) => Resolve(context).CompensateAsync(context, token));
        return step;

        static TStep Resolve(SagaStepContext<TData> context) => ActivatorUtilities.GetServiceOrCreateInstance<TStep>(context.Services);
    }

    internal IEnumerable<string> Faults()
    {
        if (Name.Length is 0 or > MaxNameLength || Name.Any(character => character is '/' or ':' || char.IsControl(character)))
        {
            yield return $"step '{Name}': a name is 1 to {MaxNameLength} characters without '/', ':' and control characters.";
        }

        if (_actions.Count != 1)
        {
            yield return $"step '{Name}' has {_actions.Count} actions; it must have exactly one.";
        }

        if (_compensations.Count > 1)
        {
            yield return $"step '{Name}' has {_compensations.Count} compensations; it must have at most one.";
        }

        if (_timeout <= TimeSpan.Zero || _timeout > MaxTimeout)
        {
            yield return $"step '{Name}': Timeout is {_timeout}; it must be greater than zero and at most {MaxTimeout}.";
        }

        foreach (var fault in Faults("Retry", _retry).Concat(Faults("RetryCompensation", _compensationRetry)))
        {
            yield return fault;
        }
    }

    internal SagaStepDefinition Build() => new()
    {
        Name = Name,
        Action = Bind(_actions.FirstOrDefault() ?? ((_, _) => Task.CompletedTask)),
        Compensation = _compensations.FirstOrDefault() is { } compensation ? Bind(compensation) : null,
        Retry = _retry,
        CompensationRetry = _compensationRetry,
        Timeout = _timeout,
    };

    private IEnumerable<string> Faults(string option, SagaRetry retry)
    {
        if (retry.MaxAttempts is < 1 or > MaxAttemptsCeiling)
        {
            yield return $"step '{Name}': {option}.MaxAttempts is {retry.MaxAttempts}; it must be 1 to {MaxAttemptsCeiling}.";
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
                Data = SagaJson.Deserialize<TData>(call.DataJson),
                Attempt = call.Attempt,
                IsCompensation = call.Direction == SagaDirection.Compensation,
                IsOutcomeUnknown = call.Direction == SagaDirection.Compensation && call.IsOutcomeUnknown,
                Services = call.Services,
            };
            await body(context, cancellationToken);
            return SagaJson.Serialize(call.SagaId, context.Data, call.MaxDataBytes);
        };
}
