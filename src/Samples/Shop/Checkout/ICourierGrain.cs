using OrleansPatterns.Idempotency;

namespace Shop.Checkout;

/// <summary>A courier, one for each, who takes parcels.</summary>
[Alias("Shop.ICourierGrain")]
internal interface ICourierGrain : IGrainWithStringKey
{
    /// <summary>Hands a parcel over, once for each key.</summary>
    /// <returns>Why it is not taken; <see langword="null"/>: it is.</returns>
    [Alias("TakeParcel")]
    [Idempotent]
    Task<string?> TakeParcelAsync(string orderId, string sku, int quantity);
}
