namespace OrleansPatterns.Server.Sagas;

/// <summary>What a decision depends on beside the record.</summary>
/// <param name="Now">The time, as well as the silo knows it.</param>
/// <param name="Silo">The silo that decides, and in which the attempts that are begun will run.</param>
/// <param name="Jitter">A random number, 0 up to 1.</param>
/// <param name="MayRun">Whether there is room for actions to be begun.</param>
/// <param name="MaxHistory">How many entries of the history are kept.</param>
/// <param name="MaxDataBytes">How large the data, and the result, may become.</param>
internal readonly record struct SagaMoment(DateTimeOffset Now, string Silo, double Jitter, bool MayRun, int MaxHistory, int MaxDataBytes);
