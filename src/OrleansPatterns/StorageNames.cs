namespace OrleansPatterns;

/// <summary>Names of storage providers that the grains ask for.</summary>
public static class StorageNames
{
    /// <summary>The grain storage of all five patterns. Register an <c>IGrainStorage</c> under this name, or call <c>UsePostgres</c>.</summary>
    public const string OrleansPatterns = "OrleansPatterns";
}
