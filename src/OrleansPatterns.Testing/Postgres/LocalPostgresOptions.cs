namespace OrleansPatterns.Testing.Postgres;

/// <summary>How <see cref="LocalPostgres"/> finds or starts its server.</summary>
public sealed class LocalPostgresOptions
{
    /// <summary>An Npgsql connection string of a server to use. It is neither started nor stopped.</summary>
    /// <value>Default <see langword="null"/>: the environment variable <c>ORLEANSPATTERNS_POSTGRES</c> decides, else a private server is
    /// started. Empty: that variable is ignored as well.</value>
    public string? ConnectionString { get; set; }

    /// <summary>Whether the private server waits for the disk at each commit.</summary>
    /// <remarks>Without it a commit survives the death of every process, yet not of the operating system: right for tests, wrong for figures.</remarks>
    /// <value>Default <see langword="false"/>.</value>
    public bool WaitForDisk { get; set; }

    /// <summary>How many connections the private server allows.</summary>
    /// <value>Default 300. At least 10.</value>
    public int MaxConnections { get; set; } = 300;

    /// <summary>The container image, where a container is used.</summary>
    /// <value>Default <c>postgres:17-alpine</c>.</value>
    public string ContainerImage { get; set; } = "postgres:17-alpine";

    /// <summary>Folders in which server binaries are looked for, the best first.</summary>
    /// <value>Default <see langword="null"/>: <c>PATH</c>, then where Debian, Red Hat, Homebrew, Postgres.app and Windows put them.</value>
    public IReadOnlyList<string>? SearchPath { get; set; }
}
