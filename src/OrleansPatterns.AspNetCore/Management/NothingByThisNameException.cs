namespace OrleansPatterns.AspNetCore.Management;

/// <summary>What was to be acted on is not there.</summary>
internal sealed class NothingByThisNameException(string message) : Exception(message);
