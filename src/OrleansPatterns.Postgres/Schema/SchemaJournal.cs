using System.Data;
using DbUp.Engine;

namespace OrleansPatterns.Postgres.Schema;

/// <summary>Tells DbUp which scripts to leave out. Scripts record themselves, so that psql and DbUp keep one and the same journal.</summary>
internal sealed class SchemaJournal(DatabaseSchema schema) : IJournal
{
    public string[] GetExecutedScripts() =>
        [.. SchemaScript.All.Where(script => schema.Applied.ContainsKey(script.Version)).Select(script => script.Name)];

    public void StoreExecutedScript(SqlScript script, Func<IDbCommand> dbCommandFactory)
    {
    }

    public void EnsureTableExistsAndIsLatestVersion(Func<IDbCommand> dbCommandFactory)
    {
    }
}
