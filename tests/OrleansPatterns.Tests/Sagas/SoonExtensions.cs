namespace OrleansPatterns.Tests.Sagas;

internal static class SoonExtensions
{
    /// <summary>The safety net under an await that should end at once.</summary>
    public static Task Soon(this Task task) => task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    /// <inheritdoc cref="Soon(Task)"/>
    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
}
