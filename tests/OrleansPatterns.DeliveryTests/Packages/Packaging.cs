namespace OrleansPatterns.DeliveryTests.Packages;

/// <summary>Tests of the packages, which are made once, and not for those who test something else.</summary>
[CollectionDefinition]
public sealed class Packaging : ICollectionFixture<PackageFeed>;
