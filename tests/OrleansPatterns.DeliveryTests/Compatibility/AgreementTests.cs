using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Locks;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>
/// Values that two versions work out for themselves and must work out alike: from one release to the next they never change. The numbers are not from this code: each was computed
/// from its definition by another program.
/// </summary>
public sealed class AgreementTests
{
    private static readonly Guid Secret = Guid.Parse("00000001-1b2c-3d4e-5f60-718293a4b5c6");
    private static readonly Guid Request = Guid.Parse("00000002-1b2c-3d4e-5f60-718293a4b5c6");

    /// <summary>A holder shows it to whichever silo has the lock next.</summary>
    [Fact]
    public void ProofOfAGrant() => Assert.Equal(8_350_771_994_058_914_030, LockProof.Of(Secret, new LockGrantId(Request, 40)));

    /// <summary>Clients and silos look for an instance in the same of a service's lists.</summary>
    [Theory]
    [InlineData(2, 0, 0, 1)]
    [InlineData(7, 5, 2, 3)]
    [InlineData(1_024, 186, 464, 821)]
    public void ListOfAnInstance(int shards, params int[] homes) =>
        Assert.Equal(homes, Enumerable.Range(1, 3).Select(number => ServiceShards.HomeOf($"orders-{number}", shards)));

    /// <summary>It is in the row: where the next version made another of the same request, a repetition would be refused.</summary>
    [Fact]
    public void FingerprintOfARequest()
    {
        // Of {"A":"x","B":1e0}: members sorted, numbers in one notation.
        Assert.Equal("fa6ffffc0e8d7a6cf02493b48c7058e7425e6000c7ce5b4164b030f724b56368", RequestFingerprint.Of(new { B = 1, A = "x" }).Value);
        Assert.Equal("bdf2e1b9092f11d758ad4058de05493144adf98332bcdc14f70008ddce5d6e60", RequestFingerprint.OfText("""{"A":"x","B":1}""").Value);
    }

    /// <summary>Grains are found, and rows as well, under the same keys.</summary>
    [Fact]
    public void KeysOfGrains()
    {
        Assert.Equal("orleanspatterns.lock/lock/sku-42", GrainKeys.GrainIdFor(PatternNames.Lock, ResourceKey.Parse("sku-42")).ToString());
        Assert.Equal("service/orders", ServiceShards.GrainKey("orders", 0));
        Assert.Equal("service-3/orders", ServiceShards.GrainKey("orders", 3));
        Assert.Equal("a%2Fb%25/c/d", new IdempotencyKey("a/b%", "c/d").ToResourceKey().Value);
        Assert.Equal("sku-42", LockName.ToKey("sku-42"));
        Assert.Equal("sha256:0a397d5744cb388e71ca0f809906b50e72c8ac1daba625fdd5a32535e684a417", LockName.ToKey("a\nb"));
    }

    /// <summary>A step that another silo repeats runs under the same key, whichever version that is.</summary>
    [Fact]
    public void KeysOfSagaSteps()
    {
        Assert.Equal("order-7/charge", SagaStepKey.For("order-7", "charge"));
        Assert.Equal("bc4358cca46f282c512e245e5b01825db9e8deda68d23eb39e6ef4677fbe98b7/charge", SagaStepKey.For(new string('o', 512), "charge"));
    }
}
