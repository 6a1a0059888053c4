using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.AspNetCore.Discovery;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class SelfRegistrationOptionsTests
{
    [Fact]
    public void OwnAddresses_AreTheFirstOfEachScheme()
    {
        string[] addresses = ["http://unix:/tmp/orders.sock", "http://+:8080", "https://+:8443", "http://+:8081"];
        Assert.Equal([new Uri("http://pod-7:8080"), new Uri("https://pod-7:8443")], OwnAddress.Of(addresses, "pod-7"));
        Assert.Throws<InvalidOperationException>(() => OwnAddress.Of(addresses[..1], "pod-7"));
    }

    [Fact]
    public async Task Options_OutOfBounds_KeepTheApplicationFromStarting_AndAreNamed()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IServiceRegistry>(new ListedRegistry()).AddSingleton<TimeProvider>(new FakeTimeProvider()).AddServiceRegistration("orders", registration =>
        {
            registration.PublicAddress = new Uri("ftp://orders.example.com");
            registration.AdvertisedHost = "http://pod-7";
            registration.DrainDelay = TimeSpan.FromMinutes(6);
            registration.InstanceId = "";
            registration.Describe = null!;
        });
        await using var app = builder.Build();
        Assert.Equal(
            [
                "SelfRegistrationOptions.PublicAddress is 'ftp://orders.example.com/'; it must be an absolute http or https address with a port from 1 to 65535 "
                + "and without query and fragment, or null for what the server listens on.",
                "SelfRegistrationOptions.AdvertisedHost is 'http://pod-7'; it must be a host name or an IP address without scheme and port, or null for the machine's name.",
                "SelfRegistrationOptions.DrainDelay is 00:06:00; it must be 00:00:00 to 00:05:00.",
                "SelfRegistrationOptions.InstanceId has 0 characters; it must have 1 to 512, none of them a control character, or be null for a new one at each start.",
                "SelfRegistrationOptions.Describe is null; it must be a function. The default leaves the instance as it is.",
            ],
            (await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(TestContext.Current.CancellationToken))).Failures);
    }

    [Theory]
    [InlineData("https://orders.example.com:8443/api", true)]
    [InlineData("http://orders.example.com:0", false)]
    [InlineData("http://orders.example.com/?a=1", false)]
    [InlineData("/orders", false)]
    public void PublicAddress_IsChecked(string address, bool isValid) => Assert.Equal(
        isValid,
        new SelfRegistrationOptionsValidator().Validate("orders", new SelfRegistrationOptions { PublicAddress = new Uri(address, UriKind.RelativeOrAbsolute) }).Succeeded);

    [Fact]
    public void Defaults_AreKept()
    {
        var options = new SelfRegistrationOptions();
        Assert.Equal((null, null, null, TimeSpan.FromSeconds(5)), (options.PublicAddress, options.AdvertisedHost, options.InstanceId, options.DrainDelay));
    }
}
