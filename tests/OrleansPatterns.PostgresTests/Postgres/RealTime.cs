namespace OrleansPatterns.PostgresTests.Postgres;

internal static class RealTime
{
#pragma warning disable RS0030 // A real server keeps real time, and so must what waits for it.
    internal static TimeProvider Provider => TimeProvider.System;
#pragma warning restore RS0030
}
