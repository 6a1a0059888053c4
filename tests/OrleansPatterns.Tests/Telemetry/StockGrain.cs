using System.Diagnostics;

namespace Shop.Stock;

internal sealed class StockGrain(ILocalSiloDetails silo) : Grain, IStockGrain
{
    public Task<string[]> TakeAsync() => Task.FromResult<string[]>([silo.SiloAddress.ToString(), Activity.Current?.Id ?? "none"]);
}
