namespace OrleansPatterns;

/// <summary>References to grains of which there are so many that nearly every call makes a new one.</summary>
internal static class GrainReferences
{
    /// <summary>
    /// A reference by the grain's id. Whether any silo offers the grain is not asked: that is found out by the first call.
    /// </summary>
    /// <remarks>Asked by CLR type, Orleans looks the interface up by reflection each time: a tenth of what a saga costs, measured.</remarks>
    internal static TGrain ReferTo<TGrain>(this IGrainFactory grains, GrainId grainId)
        where TGrain : class, IGrainWithStringKey
    {
        Named<TGrain>.Interface ??= new NamedInterface(((GrainReference)(object)grains.GetGrain<TGrain>(grainId)).InterfaceType);
        return (TGrain)grains.GetGrain(grainId, Named<TGrain>.Interface.Name);
    }

    /// <summary>Orleans' name of an interface, the same in every cluster.</summary>
    private sealed record NamedInterface(GrainInterfaceType Name);

    private static class Named<TGrain>
    {
        internal static NamedInterface? Interface { get; set; }
    }
}
