namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>A service that this application is.</summary>
internal sealed record SelfRegisteredService(string Name);
