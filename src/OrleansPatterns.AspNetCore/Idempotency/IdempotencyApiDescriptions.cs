using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Tells whatever describes the application's API, OpenAPI above all, of the header and of the refusals.</summary>
/// <remarks>
/// Here and not by endpoint metadata: that cannot name a header, is not read for controllers, and as soon as it names one response an endpoint
/// that declares none is no longer described with its 200.
/// </remarks>
internal sealed class IdempotencyApiDescriptions(EndpointDataSource endpoints, IOptions<HttpIdempotencyOptions> configured) : IApiDescriptionProvider
{
    private const string ProblemJson = "application/problem+json";

    // Readers take it for granted beside the type. Without MVC the application has no provider of its own.
    private static readonly EmptyModelMetadataProvider Types = new();

    private static readonly int[] Refusals =
    [
        StatusCodes.Status400BadRequest,
        StatusCodes.Status409Conflict,
        StatusCodes.Status413PayloadTooLarge,
        StatusCodes.Status422UnprocessableEntity,
        StatusCodes.Status503ServiceUnavailable,
    ];

    /// <summary>After those of the framework, which make the descriptions: -1100 and -1000.</summary>
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        // What conventions add to a controller's endpoints does not reach its action's description.
        var actions = endpoints.Endpoints
            .Select(endpoint => (endpoint.Metadata.GetMetadata<ActionDescriptor>()?.Id, endpoint.Metadata.GetMetadata<IdempotentEndpoint>()?.Options))
            .Where(action => action is { Id: not null, Options: not null })
            .ToLookup(action => action.Id, action => action.Options);
        foreach (var description in context.Results)
        {
            var options = OptionsOf(description.ActionDescriptor) ?? actions[description.ActionDescriptor.Id].FirstOrDefault();
            if (options is not null && description.HttpMethod is { } method && options.Methods.Contains(method))
            {
                Describe(description, options);
            }
        }
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
    }

    private HttpIdempotencyOptions? OptionsOf(ActionDescriptor action) =>
        action.EndpointMetadata?.OfType<IdempotentEndpoint>().LastOrDefault()?.Options ?? NearestAttribute(action)?.Over(configured.Value);

    /// <summary>The one that MVC takes as the effective policy.</summary>
    private static IdempotentActionAttribute? NearestAttribute(ActionDescriptor action) => action.FilterDescriptors?
        .OrderBy(filter => filter.Order)
        .ThenBy(filter => filter.Scope)
        .Select(filter => filter.Filter)
        .OfType<IdempotentActionAttribute>()
        .LastOrDefault();

    private static void Describe(ApiDescription description, HttpIdempotencyOptions options)
    {
        // An endpoint that reads the key itself has declared it; what it says of the header is not what holds.
        var parameter = description.ParameterDescriptions.FirstOrDefault(IsKey);
        if (parameter is null)
        {
            parameter = new ApiParameterDescription
            {
                Name = IdempotencyKeyHeader.Name,
                Source = BindingSource.Header,
                Type = typeof(string),
                ModelMetadata = Types.GetMetadataForType(typeof(string)),
                ParameterDescriptor = new ParameterDescriptor { Name = IdempotencyKeyHeader.Name, ParameterType = typeof(string) },
            };
            description.ParameterDescriptions.Add(parameter);
        }

        parameter.IsRequired = options.IsKeyRequired;
        foreach (var statusCode in Refusals.Except(description.SupportedResponseTypes.Select(response => response.StatusCode)))
        {
            description.SupportedResponseTypes.Add(new ApiResponseType
            {
                StatusCode = statusCode,
                Type = typeof(ProblemDetails),
                ModelMetadata = Types.GetMetadataForType(typeof(ProblemDetails)),
                ApiResponseFormats = { new ApiResponseFormat { MediaType = ProblemJson } },
            });
        }
    }

    private static bool IsKey(ApiParameterDescription parameter) =>
        parameter.Source == BindingSource.Header && parameter.Name.Equals(IdempotencyKeyHeader.Name, StringComparison.OrdinalIgnoreCase);
}
