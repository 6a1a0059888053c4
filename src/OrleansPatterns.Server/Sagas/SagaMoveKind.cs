namespace OrleansPatterns.Server.Sagas;

internal enum SagaMoveKind
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Run the attempt that the record says has begun.</summary>
    Run = 1,

    /// <summary>Resume after the delay.</summary>
    Wait = 2,
}
