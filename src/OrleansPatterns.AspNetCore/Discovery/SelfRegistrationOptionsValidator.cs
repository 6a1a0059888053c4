using Microsoft.Extensions.Options;

namespace OrleansPatterns.AspNetCore.Discovery;

internal sealed class SelfRegistrationOptionsValidator : IValidateOptions<SelfRegistrationOptions>
{
    private static readonly TimeSpan MaxDrainDelay = TimeSpan.FromMinutes(5);

    public ValidateOptionsResult Validate(string? name, SelfRegistrationOptions options)
    {
        var faults = new List<string>();
        if (options.PublicAddress is { } address && !IsPublic(address))
        {
            faults.Add(
                $"SelfRegistrationOptions.PublicAddress is '{address}'; it must be an absolute http or https address with a port from 1 to 65535 "
                + "and without query and fragment, or null for what the server listens on.");
        }

        if (options.AdvertisedHost is { } host && Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            faults.Add(
                $"SelfRegistrationOptions.AdvertisedHost is '{host}'; it must be a host name or an IP address without scheme and port, or null for the machine's name.");
        }

        if (options.DrainDelay < TimeSpan.Zero || options.DrainDelay > MaxDrainDelay)
        {
            faults.Add($"SelfRegistrationOptions.DrainDelay is {options.DrainDelay}; it must be {TimeSpan.Zero} to {MaxDrainDelay}.");
        }

        if (options.InstanceId is { } id && !ResourceKey.IsValid(id))
        {
            faults.Add(
                $"SelfRegistrationOptions.InstanceId has {id.Length} characters; it must have 1 to {ResourceKey.MaxLength}, none of them a control character, "
                + "or be null for a new one at each start.");
        }

        if (options.Describe is null)
        {
            faults.Add("SelfRegistrationOptions.Describe is null; it must be a function. The default leaves the instance as it is.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static bool IsPublic(Uri address) =>
        address.IsAbsoluteUri
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.Host.Length > 0
        && address.Port > 0
        && address.Query.Length == 0
        && address.Fragment.Length == 0;
}
