namespace OrleansPatterns.Server.Sagas;

/// <summary>A child saga was given up, or is past its pivot: it stays as it is, and its parent cannot undo it.</summary>
internal sealed class SagaChildNotUndoableException(string message) : Exception(message);
