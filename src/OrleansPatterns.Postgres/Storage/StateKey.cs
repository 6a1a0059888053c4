using System.Text;

namespace OrleansPatterns.Postgres.Storage;

/// <summary>Where a state is stored, in the columns of the ADO.NET provider: state name, two numbers, text.</summary>
/// <remarks>
/// The key's shape decides, as it does there: a GUID is two numbers, an integer one, everything else text; what follows a <c>+</c> after a
/// number is text as well. No text is stored as the empty text.
/// </remarks>
internal sealed record StateKey(string StateName, long N0, long N1, string Text) : IComparable<StateKey>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">A name or key that the table cannot hold, or that the ADO.NET provider would store elsewhere.</exception>
    internal static StateKey Of(string stateName, GrainId grainId)
    {
        ArgumentException.ThrowIfNullOrEmpty(stateName);
        if (stateName.Contains('`', StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"The state name '{stateName}' holds a backtick, as names of generic CLR types do, which the ADO.NET provider rewrites. Give the state "
                + "a name of its own: [PersistentState(\"name\")].",
                nameof(stateName));
        }

        var key = Take(stateName, grainId);
        ThrowIfNoText(stateName, nameof(stateName));
        ThrowIfNoText(key.Text, nameof(grainId));
        return key;
    }

    /// <summary>Any order will do, if it is the same in every silo: whoever locks rows in one order cannot deadlock.</summary>
    public int CompareTo(StateKey? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = string.CompareOrdinal(Text, other.Text);
        order = order != 0 ? order : N1.CompareTo(other.N1);
        order = order != 0 ? order : N0.CompareTo(other.N0);
        return order != 0 ? order : string.CompareOrdinal(StateName, other.StateName);
    }

    public override string ToString() => $"state '{StateName}' of {(N0, N1) switch
    {
        (0, 0) => $"'{Text}'",
        (0, _) => $"{N1}{(Text.Length > 0 ? "+" : "")}{Text}",
        _ => $"{AsGuid(N0, N1)}{(Text.Length > 0 ? "+" : "")}{Text}",
    }}";

    private static StateKey Take(string stateName, GrainId grainId)
    {
        if (grainId.TryGetGuidKey(out var guid, out var extension))
        {
            Span<byte> bytes = stackalloc byte[16];
            guid.TryWriteBytes(bytes);
            return new StateKey(stateName, BitConverter.ToInt64(bytes), BitConverter.ToInt64(bytes[8..]), extension ?? "");
        }

        return grainId.TryGetIntegerKey(out var number, out extension)
            ? new StateKey(stateName, 0, number, extension ?? "")
            : new StateKey(stateName, 0, 0, grainId.Key.ToString()!);
    }

    private static Guid AsGuid(long n0, long n1) => new([.. BitConverter.GetBytes(n0), .. BitConverter.GetBytes(n1)]);

    /// <summary>Such text would break the connection in the midst of other callers' rows.</summary>
    private static void ThrowIfNoText(string value, string parameterName)
    {
        try
        {
            if (!value.Contains('\0', StringComparison.Ordinal))
            {
                _ = Strict.GetByteCount(value);
                return;
            }
        }
        catch (EncoderFallbackException)
        {
            // Half of a surrogate pair: the same answer as for U+0000.
        }

        throw new ArgumentException(
            $"'{value}' holds U+0000 or half of a surrogate pair, which text in PostgreSQL cannot hold. Encode such bytes in the key.", parameterName);
    }
}
