namespace OrleansPatterns.Testing;

/// <summary>When in an attempt a step fails.</summary>
public enum SagaFaultPoint
{
    /// <summary>Not a point.</summary>
    None = 0,

    /// <summary>Instead of the step's own work, which is not done.</summary>
    BeforeStep = 1,

    /// <summary>After the step's own work: it has happened, and the answer is lost. What it changed in the saga's data is lost with it.</summary>
    AfterStep = 2,
}
