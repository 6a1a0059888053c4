namespace OrleansPatterns.Telemetry;

/// <summary>The kinds of instruments, by OpenTelemetry's names.</summary>
internal enum MetricKind
{
    None = 0,

    /// <summary>Only grows.</summary>
    Counter = 1,

    /// <summary>A distribution, of durations for instance; its count is a counter as well.</summary>
    Histogram = 2,

    /// <summary>A number that rises and falls, and that may be added up over processes. Read when somebody asks.</summary>
    UpDownCounter = 3,

    /// <summary>A value that cannot be added up over processes. Read when somebody asks.</summary>
    Gauge = 4,
}
