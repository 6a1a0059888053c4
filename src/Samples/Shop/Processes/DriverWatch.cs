namespace Shop.Processes;

/// <summary>Stops this process when the driver closes our standard input, which the operating system also does when the driver dies.</summary>
internal sealed class DriverWatch(IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        while (await input.ReadLineAsync(stoppingToken) is not null)
        {
        }

        lifetime.StopApplication();
    }
}
