using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>A step as described. A body takes the data as JSON and gives back what it has become.</summary>
internal sealed record SagaStepDefinition
{
    public required string Name { get; init; }

    public required SagaStepKind Kind { get; init; }

    /// <summary>Steps with the same number run together; stages run in order. From 0, without gaps.</summary>
    public int Stage { get; init; }

    /// <summary>What is run: for an action itself, for a child what starts it. Null for the others.</summary>
    public Func<SagaStepCall, CancellationToken, Task<string>>? Action { get; init; }

    /// <summary>Null: there is nothing to undo.</summary>
    public Func<SagaStepCall, CancellationToken, Task<string>>? Compensation { get; init; }

    public SagaRetry Retry { get; init; } = new();

    public SagaRetry CompensationRetry { get; init; } = new() { MaxAttempts = 10 };

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public bool IsPivot { get; init; }

    /// <summary>Null: it has a compensation, or needs none where it stands.</summary>
    public string? NotCompensatable { get; init; }

    /// <summary>From the data. Null: always.</summary>
    public Func<string, bool>? Condition { get; init; }

    /// <summary>For a delay: how long, from the data.</summary>
    public Func<string, TimeSpan>? Delay { get; init; }

    /// <summary>For a signal: how long to wait. Null: for ever.</summary>
    public TimeSpan? Deadline { get; init; }

    public SagaDeadlineAction Otherwise { get; init; } = SagaDeadlineAction.Compensate;

    /// <summary>For a signal: what is wrong with a payload; null: nothing.</summary>
    public Func<string, string?>? CheckPayload { get; init; }

    /// <summary>For a signal or a child: the data after what came from there. Null: unchanged.</summary>
    public Func<string, string, string>? Apply { get; init; }

    /// <summary>For a child: the name of its definition.</summary>
    public string? Child { get; init; }
}
