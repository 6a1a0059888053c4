using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>The form of what the management API reads and writes, whatever the application has chosen for its own.</summary>
internal static class ManagementJson
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };
}
