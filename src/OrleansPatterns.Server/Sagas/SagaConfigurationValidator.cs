namespace OrleansPatterns.Server.Sagas;

/// <summary>Stops a silo whose saga definitions cannot be run, before it joins the cluster.</summary>
internal sealed class SagaConfigurationValidator(SagaRegistry registry) : IConfigurationValidator
{
    public void ValidateConfiguration()
    {
        if (registry.Faults.Count > 0)
        {
            throw new OrleansConfigurationException(string.Join(Environment.NewLine, registry.Faults));
        }
    }
}
