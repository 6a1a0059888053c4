using System.Text;
using System.Text.Json;

namespace OrleansPatterns.Sagas;

/// <summary>
/// The one way in which a saga's data becomes text and back, the same in clients and silos, or equal data would not be equal.
/// </summary>
internal static class SagaJson
{
    internal static string Serialize<TData>(string sagaId, TData data, int maxBytes)
        where TData : class
    {
        var json = JsonSerializer.Serialize(data, JsonSerializerOptions.Default);
        CheckSize(sagaId, json, maxBytes);
        return json;
    }

    internal static void CheckSize(string sagaId, string json, int maxBytes)
    {
        var bytes = Encoding.UTF8.GetByteCount(json);
        if (bytes > maxBytes)
        {
            throw new SagaDataTooLargeException(sagaId, bytes, maxBytes);
        }
    }

    internal static TData Deserialize<TData>(string json)
        where TData : class =>
        JsonSerializer.Deserialize<TData>(json, JsonSerializerOptions.Default)
        ?? throw new JsonException($"The saga's data is a JSON null, which is no {typeof(TData).Name}.");
}
