using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrleansPatterns.Telemetry;

internal static class PatternMeterRegistration
{
    /// <summary>What classes of instruments are made of. Harmless when repeated.</summary>
    internal static IServiceCollection AddPatternMeter(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton<PatternMeter>();
        return services;
    }

    /// <summary>A class of instruments. Harmless when repeated.</summary>
    internal static IServiceCollection AddInstruments<TInstruments>(this IServiceCollection services)
        where TInstruments : class
    {
        services.AddPatternMeter().TryAddSingleton<TInstruments>();
        return services;
    }
}
