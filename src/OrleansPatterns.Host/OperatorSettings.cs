namespace OrleansPatterns.StandaloneSilo;

/// <summary>Who may use the console at <c>/patterns</c> and Orleans' dashboard at <c>/dashboard</c>. Neither is set: there are none.</summary>
internal sealed class OperatorSettings
{
    /// <summary>The password of whatever user name, or a bearer token.</summary>
    /// <value>Default <see langword="null"/>. At least 16 characters.</value>
    public string? Token { get; set; }

    /// <summary>Lets everybody in who reaches the port. A token, if there is one, goes before.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AllowAnonymous { get; set; }
}
