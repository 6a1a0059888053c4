using System.Diagnostics;

namespace OrleansPatterns.Telemetry;

/// <summary>The one source of activities. Without a listener there are none, and nothing is allocated.</summary>
internal static class PatternActivities
{
    internal static readonly ActivitySource Source = new("OrleansPatterns");

    /// <summary>Says that what it stands for has failed.</summary>
    internal static void Fail(this Activity? activity, Exception fault)
    {
        activity?.SetTag("error.type", fault.GetType().FullName);
        activity?.SetStatus(ActivityStatusCode.Error, fault.Message);
    }
}
