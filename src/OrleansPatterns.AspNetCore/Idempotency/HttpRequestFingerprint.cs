using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Stands for what a request means. No headers but the content type: a repetition has new trace ids, dates and often new credentials.</summary>
internal static class HttpRequestFingerprint
{
    internal static async Task<RequestFingerprint> OfAsync(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        _ = MediaTypeHeaderValue.TryParse(request.ContentType, out var contentType);
        using var hash = new LengthPrefixedHash();
        hash.Add(request.Method).Add(request.PathBase.Value).Add(request.Path.Value).Add(request.QueryString.Value);
        AddContentType(hash, contentType, request.ContentType);
        if (ReadForm(request.HttpContext) is { } form)
        {
            await AddFormAsync(hash, form, request.HttpContext.RequestAborted);
        }
        else
        {
            hash.Add(OfBody(contentType, body).Value);
        }

        return hash.ToHex();
    }

    /// <summary>By meaning: order of parameters, quotes and the case of what is no value do not matter, nor does UTF-8 for JSON, which is nothing else.</summary>
    private static void AddContentType(LengthPrefixedHash hash, MediaTypeHeaderValue? contentType, string? header)
    {
        if (contentType is null)
        {
            hash.Add(header);
            return;
        }

        hash.Add(contentType.MediaType.ToString().ToUpperInvariant());
        var parameters = contentType.Parameters
            .Select(parameter => (Name: parameter.Name.ToString().ToUpperInvariant(), Value: HeaderUtilities.UnescapeAsQuotedString(parameter.Value).ToString()))
            .Select(parameter => parameter.Name == "CHARSET" ? parameter with { Value = parameter.Value.ToUpperInvariant() } : parameter)
            .Where(parameter => parameter is not ("CHARSET", "UTF-8") || !IsJson(contentType))
            .Order();
        foreach (var (name, value) in parameters)
        {
            hash.Add(name).Add(value);
        }
    }

    /// <summary>What is no JSON in UTF-8, whatever it says of itself, is compared byte by byte.</summary>
    private static RequestFingerprint OfBody(MediaTypeHeaderValue? contentType, ReadOnlyMemory<byte> body)
    {
        if (!body.IsEmpty && contentType is not null && IsJson(contentType) && Utf8.IsValid(body.Span))
        {
            try
            {
                return RequestFingerprint.OfJson(body);
            }
            catch (JsonException)
            {
                // It says that it is JSON, and is not.
            }
        }

        return RequestFingerprint.OfBytes(body.Span);
    }

    private static bool IsJson(MediaTypeHeaderValue contentType) =>
        contentType.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || contentType.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>The form, where something before the endpoint has read it, as antiforgery does: the body is gone then, and all would look alike.</summary>
    private static IFormCollection? ReadForm(HttpContext context) =>
        context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false } ? null : context.Features.Get<IFormFeature>()?.Form;

    private static async Task AddFormAsync(LengthPrefixedHash hash, IFormCollection form, CancellationToken cancellationToken)
    {
        foreach (var (name, values) in form.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            hash.Add(name).Add(values.Count.ToString(CultureInfo.InvariantCulture));
            foreach (var value in values)
            {
                hash.Add(value);
            }
        }

        foreach (var file in form.Files)
        {
            await using var content = file.OpenReadStream();
            hash.Add(file.Name).Add(file.FileName).Add(file.ContentType).Add(await SHA256.HashDataAsync(content, cancellationToken));
        }
    }
}
