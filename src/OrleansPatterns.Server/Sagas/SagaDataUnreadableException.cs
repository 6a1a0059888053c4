namespace OrleansPatterns.Server.Sagas;

/// <summary>The stored data is not, or no longer, what the step's type can be made of. The step has not begun.</summary>
internal sealed class SagaDataUnreadableException(Exception innerException)
    : Exception($"{innerException.GetType().Name}: {innerException.Message}", innerException);
