using System.Security.Cryptography;
using System.Text;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Sagas;

/// <summary>The idempotency key of a step.</summary>
internal static class SagaStepKey
{
    internal const string CompensationSuffix = ":compensation";

    internal static string For(string sagaId, string stepName)
    {
        var key = $"{sagaId}/{stepName}";
        return key.Length + CompensationSuffix.Length <= IdempotencyKey.MaxKeyLength
            ? key
            : $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sagaId)))}/{stepName}";
    }
}
