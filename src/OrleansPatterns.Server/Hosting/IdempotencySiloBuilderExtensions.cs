using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansPatterns.Server.Idempotency;

namespace Orleans.Hosting;

/// <summary>Makes grain methods idempotent.</summary>
public static class IdempotencySiloBuilderExtensions
{
    /// <summary>
    /// Runs grain methods with <see cref="OrleansPatterns.Idempotency.IdempotentAttribute"/> once for each key that callers give with
    /// <see cref="OrleansPatterns.Idempotency.IdempotentCall.With"/>.
    /// </summary>
    /// <remarks>
    /// A call filter, which every grain call of the silo passes: the others only pay for being looked at. Needs <c>AddOrleansPatterns()</c>;
    /// the order does not matter, and calling it twice is harmless.
    /// </remarks>
    /// <param name="silo">The silo under construction.</param>
    /// <returns>The same builder.</returns>
    public static ISiloBuilder AddIdempotentGrainCalls(this ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IIncomingGrainCallFilter, IdempotentCallFilter>());
        return silo;
    }
}
