namespace OrleansPatterns.Testing.Postgres;

/// <summary>PostgreSQL is installed, but a private server could not be set up or started.</summary>
public sealed class LocalPostgresStartException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="step">What was tried, for instance <c>initdb</c>.</param>
    /// <param name="output">What the program said.</param>
    public LocalPostgresStartException(string step, string output)
        : base($"A private PostgreSQL could not be started: {step} failed. It said: {output.Trim()}")
    {
    }
}
