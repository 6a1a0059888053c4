using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Versions.Compatibility;
using Orleans.Versions.Selector;

namespace OrleansPatterns.DeliveryTests.Contracts;

/// <summary>docs/compatibility.md says how two versions of a silo get on: under these strategies, and while no interface has a version.</summary>
public sealed class GrainVersioningTests
{
    /// <summary>An update of Orleans that chose otherwise would change what may be changed.</summary>
    [Fact]
    public void Strategies_OfASilo_AreThoseThatTheRulesWereTriedWith()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo => silo.UsePostgres("Host=localhost;Database=none").AddOrleansPatterns());
        using var host = builder.Build();
        var options = host.Services.GetRequiredService<IOptions<GrainVersioningOptions>>().Value;
        Assert.Equal((nameof(BackwardCompatible), nameof(AllCompatibleVersions)), (options.DefaultCompatibilityStrategy, options.DefaultVersionSelectorStrategy));
    }

    /// <summary>A relay belongs to the silo that its key names: a version would have calls leave that silo.</summary>
    [Fact]
    public void Relays_HaveNoVersion() =>
        Assert.All(
            ContractListing.Make().Where(block => block.Header.EndsWith("RelayGrain", StringComparison.Ordinal)),
            block => Assert.Contains("version 0", block.Lines));
}
