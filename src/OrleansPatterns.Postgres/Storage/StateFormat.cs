namespace OrleansPatterns.Postgres.Storage;

/// <summary>How the states of the patterns are written into their rows. Rows of either form are read, whatever is set.</summary>
public enum StateFormat
{
    /// <summary>No value; refused.</summary>
    None = 0,

    /// <summary>Orleans' binary form: smallest and fastest. Types are known by their aliases.</summary>
    Binary = 1,

    /// <summary>JSON by System.Text.Json, which people and other tools can read. Rows hold no type names, only property names.</summary>
    Json = 2,
}
