namespace OrleansPatterns.Server.Idempotency;

/// <summary>What the rules decided: the record to make durable (the same instance when nothing changes), then the reply.</summary>
internal readonly record struct Decision<TRecord, TReply>(TRecord Record, TReply Reply)
    where TRecord : class;
