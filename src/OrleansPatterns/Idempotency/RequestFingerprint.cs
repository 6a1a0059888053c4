using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrleansPatterns.Idempotency;

/// <summary>Stands for what a request means: equal for equal requests, and too small to give one away.</summary>
/// <remarks>
/// A string converts to a fingerprint as it is, for those who have a hash of their own. The factory methods give the SHA-256 of what they are
/// given, as 64 hexadecimal digits.
/// </remarks>
public readonly record struct RequestFingerprint
{
    private readonly string? _value;

    private RequestFingerprint(string value) => _value = value;

    /// <summary>The fingerprint, 1 to 512 characters.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(RequestFingerprint)</c>, which stands for nothing.</exception>
    public string Value => _value ?? throw new InvalidOperationException("default(RequestFingerprint) stands for nothing; make one of the request.");

    /// <summary>A fingerprint that was made elsewhere.</summary>
    /// <param name="fingerprint">1 to 512 characters.</param>
    /// <exception cref="ArgumentException">It is empty or too long, or has a control character or an unpaired surrogate.</exception>
    public static implicit operator RequestFingerprint(string fingerprint) => Parse(fingerprint);

    /// <summary>A fingerprint that was made elsewhere.</summary>
    /// <param name="fingerprint">1 to 512 characters.</param>
    /// <exception cref="ArgumentException">It is empty or too long, or has a control character or an unpaired surrogate.</exception>
    public static RequestFingerprint Parse(string fingerprint)
    {
        if (string.IsNullOrEmpty(fingerprint) || fingerprint.Length > BeginRequest.MaxFingerprintLength)
        {
            throw new ArgumentException(
                $"A fingerprint has 1 to {BeginRequest.MaxFingerprintLength} characters; this one has {fingerprint?.Length ?? 0}. Hash the payload.",
                nameof(fingerprint));
        }

        return ResourceKey.IsValid(fingerprint)
            ? new RequestFingerprint(fingerprint)
            : throw new ArgumentException(
                "A fingerprint is valid Unicode without control characters; this one is not, and would come back from storage as another. Hash the payload.",
                nameof(fingerprint));
    }

    /// <summary>Of an object, by what System.Text.Json makes of it; the order of its members and of dictionary entries does not matter.</summary>
    /// <typeparam name="T">The type to serialize as.</typeparam>
    /// <param name="request">The request.</param>
    /// <param name="options">How it becomes JSON; <see langword="null"/> (default): the defaults of System.Text.Json.</param>
    /// <exception cref="NotSupportedException">The type cannot be serialized.</exception>
    public static RequestFingerprint Of<T>(T request, JsonSerializerOptions? options = null) =>
        OfJson(JsonSerializer.SerializeToUtf8Bytes(request, options));

    /// <summary>Of a JSON text by its meaning: order of members, white space, escapes and the notation of numbers do not matter.</summary>
    /// <remarks>Numbers are compared exactly: 1, 1.0 and 10e-1 are equal, however many digits they have. Order in arrays matters.</remarks>
    /// <param name="utf8Json">The text, in UTF-8.</param>
    /// <exception cref="JsonException">It is no JSON text, or nested deeper than 64 levels.</exception>
    public static RequestFingerprint OfJson(ReadOnlyMemory<byte> utf8Json) => OfBytes(CanonicalJson.Of(utf8Json));

    /// <summary>Of bytes: every one of them matters.</summary>
    /// <param name="bytes">The bytes.</param>
    public static RequestFingerprint OfBytes(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new RequestFingerprint(Convert.ToHexStringLower(hash));
    }

    /// <summary>Of a text: every character matters.</summary>
    /// <param name="text">The text.</param>
    public static RequestFingerprint OfText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return OfBytes(Encoding.UTF8.GetBytes(text));
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "";
}
