namespace OrleansPatterns.Catalog;

/// <summary>A grain that the catalog's wake-ups can reach.</summary>
[Alias("OrleansPatterns.IWakeable")]
public interface IWakeable : IGrainWithStringKey
{
    /// <summary>Something may be due: go on with interrupted work, or repair the catalog row if there is none.</summary>
    /// <remarks>Delivered at least once, so possibly twice, late, or when nothing is due.</remarks>
    [Alias("Wake")]
    Task WakeAsync();
}
