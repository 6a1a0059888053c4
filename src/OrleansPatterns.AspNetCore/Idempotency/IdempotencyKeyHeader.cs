using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Primitives;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Reads the <c>Idempotency-Key</c> header: a quoted structured-field string, as the IETF draft has it, or bare, as most clients send it.</summary>
internal static class IdempotencyKeyHeader
{
    internal const string Name = "Idempotency-Key";

    /// <summary>Gives the key without quotes, so <c>"a"</c> and <c>a</c> are one key, or what is wrong with the header, which is there.</summary>
    internal static bool TryRead(StringValues header, [NotNullWhen(true)] out string? key, [NotNullWhen(false)] out string? fault)
    {
        (key, fault) = (null, null);
        if (header.Count != 1)
        {
            fault = $"The header {Name} must be there once; it is there {header.Count} times.";
            return false;
        }

        var text = header[0] ?? "";
        var value = text.StartsWith('"') ? Unquote(text) : text;
        if (value is null || value.Length is < 1 or > IdempotencyKey.MaxKeyLength || value.Any(character => character is < '!' or > '~'))
        {
            fault = $"The header {Name} must be 1 to {IdempotencyKey.MaxKeyLength} visible ASCII characters, bare or as a quoted string; its value is not.";
            return false;
        }

        key = value;
        return true;
    }

    /// <summary>RFC 9651, 4.2.5: a backslash escapes a quote or a backslash, nothing else; the closing quote ends the value.</summary>
    private static string? Unquote(string text)
    {
        var value = new StringBuilder(text.Length);
        for (var index = 1; index < text.Length; index++)
        {
            switch (text[index])
            {
                case '"':
                    return index == text.Length - 1 ? value.ToString() : null;
                case '\\' when index + 1 < text.Length && text[index + 1] is '"' or '\\':
                    value.Append(text[++index]);
                    break;
                case '\\':
                    return null;
                default:
                    value.Append(text[index]);
                    break;
            }
        }

        return null;
    }
}
