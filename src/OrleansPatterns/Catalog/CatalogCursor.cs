using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace OrleansPatterns.Catalog;

/// <summary>A place in a list, which is ordered by when rows were last written and then by their keys.</summary>
/// <param name="UpdatedAt">When the row was last written.</param>
/// <param name="Key">Its key.</param>
internal readonly record struct CatalogCursor(DateTimeOffset UpdatedAt, string Key)
{
    internal static bool TryParse(string text, [NotNullWhen(true)] out CatalogCursor? cursor)
    {
        cursor = null;
        var end = text.IndexOf('.', StringComparison.Ordinal);
        if (end < 0
            || !long.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            || ticks > DateTimeOffset.MaxValue.Ticks
            || !Base64Url.IsValid(text.AsSpan(end + 1)))
        {
            return false;
        }

        var key = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text.AsSpan(end + 1)));
        cursor = new CatalogCursor(new DateTimeOffset(ticks, TimeSpan.Zero), key);
        return ResourceKey.IsValid(key);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{UpdatedAt.UtcTicks}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Key))}");
}
