namespace OrleansPatterns.Postgres.Catalog;

/// <summary>Lets a stopping silo write the catalog rows that are still queued, after its grains are deactivated.</summary>
internal sealed class PostgresCatalogDrain(PostgresCatalog catalog) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(PostgresCatalogDrain), ServiceLifecycleStage.ApplicationServices, _ => Task.CompletedTask, catalog.DrainAsync);
}
