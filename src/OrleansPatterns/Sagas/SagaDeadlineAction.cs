namespace OrleansPatterns.Sagas;

/// <summary>What happens when a signal has not come in time.</summary>
public enum SagaDeadlineAction
{
    /// <summary>Not an action.</summary>
    None = 0,

    /// <summary>The step is rejected and the saga is undone.</summary>
    Compensate = 1,

    /// <summary>The step is skipped and the saga goes on.</summary>
    Continue = 2,
}
