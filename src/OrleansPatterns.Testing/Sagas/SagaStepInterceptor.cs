using OrleansPatterns.Server.Sagas;
using OrleansPatterns.Testing.Cluster;

namespace OrleansPatterns.Testing.Sagas;

/// <summary>Lets the attempts of one silo fail as the test has asked for, and tells that they are under way.</summary>
internal sealed class SagaStepInterceptor(TestClusterParts parts, SiloLife silo) : ISagaStepInterceptor
{
    public async Task<string> InvokeAsync(
        string definition, SagaStepCall call, Func<SagaStepCall, CancellationToken, Task<string>> body, CancellationToken cancellationToken)
    {
        var fault = parts.Faults.Take(definition, call);
        using (parts.Activity.Begin($"step '{call.StepName}' of saga '{call.SagaId}'"))
        {
            if (fault?.Point != SagaFaultPoint.BeforeStep)
            {
                var data = await body(call, cancellationToken);
                if (fault is null)
                {
                    return data;
                }
            }

            if (fault.Exception is { } exception)
            {
                throw exception;
            }

            fault.Crash(silo.Address);
        }

        // There is nobody left to whom it could answer.
        return await new TaskCompletionSource<string>().Task;
    }
}
