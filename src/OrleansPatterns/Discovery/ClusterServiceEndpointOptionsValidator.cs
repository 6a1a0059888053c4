using Microsoft.Extensions.Options;

namespace OrleansPatterns.Discovery;

internal sealed class ClusterServiceEndpointOptionsValidator : IValidateOptions<ClusterServiceEndpointOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterServiceEndpointOptions options)
    {
        var faults = new List<string>();
        if (options.ShouldResolve is null)
        {
            faults.Add("ClusterServiceEndpointOptions.ShouldResolve is null; it must be a function. The default takes names without a dot.");
        }

        if (options.ShouldApplyHostNameMetadata is null)
        {
            faults.Add("ClusterServiceEndpointOptions.ShouldApplyHostNameMetadata is null; it must be a function. The default takes no instance.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
