using OrleansPatterns.AspNetCore.Management;

namespace OrleansPatterns.AspNetCore.Sagas;

/// <param name="Id">The saga.</param>
/// <param name="Reason">Why.</param>
internal sealed record SagaDeed(string Id, string Reason) : Deed(Reason)
{
    internal override string Target => Id;
}
