namespace OrleansPatterns.Sagas;

/// <summary>How often something is tried, and how long to wait in between: doubling, and shortened at random by up to half.</summary>
public sealed record SagaRetry
{
    /// <summary>For <see cref="MaxAttempts"/>: no limit.</summary>
    public const int Unlimited = int.MaxValue;

    /// <summary>How many attempts may fail. Attempts cut off by a crash are counted apart: at most 5 of them.</summary>
    /// <value>Default 3. 1 to 1,000, or <see cref="Unlimited"/>.</value>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>The wait after the first failure. It doubles with each further one.</summary>
    /// <value>Default 200 milliseconds. Zero to <see cref="MaxDelay"/>.</value>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait.</summary>
    /// <value>Default 10 seconds. Zero to 1 hour.</value>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Which exceptions are worth another attempt; others end the step at once, as its last attempt would have. A timeout is a
    /// <see cref="TimeoutException"/>. Called in the process of the attempt; if it throws, the attempt counts as worth repeating.
    /// </summary>
    /// <value>Default <see langword="null"/>: all. <see cref="SagaRejectedException"/> is never asked about: it says no for good.</value>
    public Func<Exception, bool>? RetryOn { get; init; }
}
