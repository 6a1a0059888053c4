namespace OrleansPatterns.Discovery;

/// <summary>The health checks that a silo makes for the services whose lists it holds. Any silo may hold any list: give all of them the same.</summary>
/// <remarks>
/// Whoever may register an instance chooses an address that a silo connects to. So nothing is checked until networks are named here, and
/// only addresses within them are ever connected to; of a host name, those that it resolves to at each check. The certificate of an
/// https address is validated as by any client: by the roots that the silo's machine trusts and for the host in the address. Its server must send the
/// intermediate certificates too, because a silo loads none from where a certificate says.
/// </remarks>
public sealed class HealthCheckOptions
{
    /// <summary>The networks that may be checked, such as <c>10.0.0.0/8</c> or <c>fd00::/8</c>, and single addresses.</summary>
    /// <remarks>
    /// Keep out what must not be reached on an instance's word: the silos' own loopback and the metadata service of a cloud (<c>169.254.169.254</c>)
    /// are within <c>0.0.0.0/0</c>.
    /// </remarks>
    /// <value>Default empty: no health checks; an instance that asks for one is not registered.</value>
    public IList<string> Allow { get; } = [];

    /// <summary>How many checks a silo makes at the same time. Others wait for their turn; the wait does not count as theirs.</summary>
    /// <remarks>More: more sockets at once when many instances do not answer. Fewer: their timeouts delay the checks of the others.</remarks>
    /// <value>Default 64. 1 to 10,000.</value>
    public int MaxConcurrent { get; set; } = 64;
}
