namespace OrleansPatterns.Server.Discovery;

/// <summary>How a list's protection from losing its instances changes.</summary>
internal enum ProtectionChange
{
    None = 0,
    Begun = 1,
    Ended = 2,
}
