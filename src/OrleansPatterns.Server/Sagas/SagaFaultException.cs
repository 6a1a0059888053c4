namespace OrleansPatterns.Server.Sagas;

/// <summary>What a definition computes from the data has failed; the saga is parked for this reason.</summary>
internal sealed class SagaFaultException(string reason, Exception? innerException = null) : Exception(reason, innerException);
