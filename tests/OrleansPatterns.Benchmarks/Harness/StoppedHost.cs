using Microsoft.Extensions.Hosting;

namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>A host that is stopped before it is disposed.</summary>
internal sealed class StoppedHost(IHost host) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
}
