namespace OrleansPatterns.Idempotency;

/// <summary>Whether what an executor reported was accepted.</summary>
[GenerateSerializer, Alias("OrleansPatterns.ExecutionClaim")]
public enum ExecutionClaim
{
    /// <summary>Not an answer.</summary>
    None = 0,

    /// <summary>The token is that of the key's current execution: what was reported holds, now or since an earlier attempt.</summary>
    Current = 1,

    /// <summary>The execution has ended otherwise, for instance because another caller took over. Nothing was changed.</summary>
    Stale = 2,
}
