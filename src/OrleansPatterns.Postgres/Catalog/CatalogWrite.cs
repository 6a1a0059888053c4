using OrleansPatterns.Catalog;
using OrleansPatterns.Postgres.Batching;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Postgres.Catalog;

/// <summary>An upsert of a row of the catalog, or its removal. Both are safe to repeat.</summary>
internal sealed class CatalogWrite : BatchItem
{
    internal CatalogWrite(CatalogEntry entry)
        : base((entry.Pattern, entry.Key), entry.SummaryJson.Length) =>
        (Pattern, RowKey, Version, Entry) = (entry.Pattern, entry.Key, entry.Version, entry);

    internal CatalogWrite(string pattern, string key, long version)
        : base((pattern, key), bytes: 0) =>
        (Pattern, RowKey, Version) = (pattern, key, version);

    internal string Pattern { get; }

    internal string RowKey { get; }

    internal long Version { get; }

    /// <summary>The row; <see langword="null"/> removes it.</summary>
    internal CatalogEntry? Entry { get; }

    public override string ToString() => $"catalog row of {Pattern} '{RowKey}'";

    internal override Exception Refused(Exception fault) => new StateNotWrittenException(
        ToString(), $"PostgreSQL refuses it: {fault.Message.TrimEnd('.')}. Repeating does not help until what it names is mended.", isTransient: false, fault);

    internal override Exception GivenUp(string reason, Exception? fault) => MayHaveLanded
        ? new StateWriteUnknownException(ToString(), fault)
        : new StateNotWrittenException(ToString(), reason, isTransient: true, fault);
}
