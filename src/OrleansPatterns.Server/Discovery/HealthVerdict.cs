namespace OrleansPatterns.Server.Discovery;

/// <summary>What an instance is, by several checks.</summary>
internal enum HealthVerdict
{
    None = 0,
    Up = 1,
    Down = 2,
}
