namespace OrleansPatterns.Server.Sagas;

/// <summary>Stands between the saga and each attempt of its steps, for tests that let them fail. Not registered in production.</summary>
internal interface ISagaStepInterceptor
{
    /// <summary>Runs the attempt, or not; what it throws is what the step threw.</summary>
    /// <param name="definition">The saga's definition.</param>
    /// <param name="call">The attempt.</param>
    /// <param name="body">The step's own work.</param>
    /// <param name="cancellationToken">Fires when the attempt is asked to end.</param>
    Task<string> InvokeAsync(
        string definition, SagaStepCall call, Func<SagaStepCall, CancellationToken, Task<string>> body, CancellationToken cancellationToken);
}
