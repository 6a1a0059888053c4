using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansPatterns.Idempotency;

/// <summary>Writes JSON texts of one meaning as the same bytes: members sorted, no white space, one notation for strings and numbers.</summary>
/// <remarks>
/// Like RFC 8785, but numbers keep all their digits instead of becoming doubles, by which two different large amounts could become one.
/// Members of one name keep their order: parsers disagree which of them counts.
/// </remarks>
internal static class CanonicalJson
{
    private const int MaxExponentLength = 18;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <exception cref="JsonException">It is no JSON text.</exception>
    internal static ReadOnlySpan<byte> Of(ReadOnlyMemory<byte> utf8Json)
    {
        using var document = JsonDocument.Parse(utf8Json);
        var buffer = new ArrayBufferWriter<byte>(Math.Max(utf8Json.Length, 1));
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        try
        {
            Write(document.RootElement, writer);
        }
        catch (InvalidOperationException exception)
        {
            // An escape of half a surrogate pair passes the parser, and stands for no text.
            throw new JsonException("A string in the JSON text is no valid Unicode.", exception);
        }

        writer.Flush();
        return buffer.WrittenSpan;
    }

    private static void Write(JsonElement element, Utf8JsonWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(member.Value, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(Number(element.GetRawText()), skipInputValidation: true);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    /// <summary>Digits without zeros at either end, and a power of ten: <c>-12e3</c>. Zero is <c>0</c>, whatever its sign.</summary>
    private static string Number(string raw)
    {
        var (mantissa, exponentText) = raw.IndexOfAny(['e', 'E']) is var at and >= 0 ? (raw[..at], raw[(at + 1)..]) : (raw, "0");
        var isNegative = mantissa.StartsWith('-');
        var unsigned = isNegative ? mantissa[1..] : mantissa;
        var point = unsigned.IndexOf('.', StringComparison.Ordinal);
        var digits = (point < 0 ? unsigned : unsigned.Remove(point, 1)).TrimStart('0');
        var significant = digits.TrimEnd('0');
        if (significant.Length == 0)
        {
            return "0";
        }

        if (exponentText.Length > MaxExponentLength)
        {
            // No number that anybody means, and long to reckon with.
            return raw;
        }

        var exponent = BigInteger.Parse(exponentText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            - (point < 0 ? 0 : unsigned.Length - point - 1)
            + (digits.Length - significant.Length);
        return string.Create(CultureInfo.InvariantCulture, $"{(isNegative ? "-" : "")}{significant}e{exponent}");
    }
}
