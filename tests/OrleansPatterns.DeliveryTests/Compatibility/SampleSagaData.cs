namespace OrleansPatterns.DeliveryTests.Compatibility;

internal sealed class SampleSagaData
{
    public string Sku { get; set; } = "";

    public bool Reserved { get; set; }

    public bool Charged { get; set; }
}
