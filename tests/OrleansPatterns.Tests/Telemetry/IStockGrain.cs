// A user's own grain: Orleans takes every namespace that begins with its name for its own, and ours does.
namespace Shop.Stock;

[Alias("OrleansPatterns.Tests.Telemetry.IStockGrain")]
public interface IStockGrain : IGrainWithStringKey
{
    /// <returns>The silo that it ran in, and the activity that it ran in.</returns>
    [Alias("Take")]
    Task<string[]> TakeAsync();
}
