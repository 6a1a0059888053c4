namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Why a response is not remembered.</summary>
internal enum PassedOn
{
    /// <summary>It is.</summary>
    None = 0,

    /// <summary>It is over the limit.</summary>
    TooLarge = 1,

    /// <summary>Its reader gets it part by part while the endpoint runs, and it may never end.</summary>
    Streamed = 2,

    /// <summary>What comes after the body is not replayed, and gRPC for one cannot be read without it.</summary>
    HasTrailers = 3,
}
