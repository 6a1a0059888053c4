namespace OrleansPatterns.AspNetCore.Management;

/// <summary>An action does not fit where its target stands. Nothing changed.</summary>
internal sealed class RefusedException(string message) : Exception(message);
