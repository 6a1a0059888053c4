using OrleansPatterns.AspNetCore.Management;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <param name="Scope">The scope of the key.</param>
/// <param name="Key">The key.</param>
/// <param name="ExecutionToken">The lost execution.</param>
/// <param name="Reason">How it was found out that the work took no effect.</param>
internal sealed record IdempotencyFreeDeed(string Scope, string Key, long ExecutionToken, string Reason) : Deed(Reason)
{
    internal override string Target => $"{Scope}/{Key}, execution {ExecutionToken}";
}
