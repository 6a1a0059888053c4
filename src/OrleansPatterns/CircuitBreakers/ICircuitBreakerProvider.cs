namespace OrleansPatterns.CircuitBreakers;

/// <summary>Gives the breakers of this process, one for each dependency.</summary>
public interface ICircuitBreakerProvider
{
    /// <summary>The breaker of a dependency; the same object each time. Keep it or get it again, as is convenient.</summary>
    /// <param name="dependency">1 to 512 characters without control characters, for instance <c>payments-api</c>.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The <see cref="CircuitBreakerOptions"/> of this name are not valid.</exception>
    ICircuitBreaker Get(string dependency);
}
