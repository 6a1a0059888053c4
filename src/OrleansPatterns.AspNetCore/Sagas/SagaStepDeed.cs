using OrleansPatterns.AspNetCore.Management;

namespace OrleansPatterns.AspNetCore.Sagas;

/// <param name="Id">The saga.</param>
/// <param name="Step">The step.</param>
/// <param name="Reason">Why.</param>
internal sealed record SagaStepDeed(string Id, string Step, string Reason) : Deed(Reason)
{
    internal override string Target => $"{Id}, step {Step}";
}
