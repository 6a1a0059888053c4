namespace OrleansPatterns;

/// <summary>The pattern's part of a grain key, of a catalog row and of a grain type.</summary>
internal static class PatternNames
{
    internal const string Lock = "lock";
    internal const string Breaker = "breaker";
    internal const string Service = "service";
    internal const string Idempotency = "idempotency";
    internal const string Saga = "saga";
}
