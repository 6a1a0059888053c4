namespace OrleansPatterns.Tests.Locks;

/// <summary>A call that was made, and waits for its answer.</summary>
internal sealed class ScriptedCall<TSent, TReply>(TSent sent)
{
    private readonly TaskCompletionSource<TReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal TSent Sent => sent;

    internal Task<TReply> Reply => _reply.Task;

    internal void Answer(TReply reply) => _reply.SetResult(reply);

    internal void Fail(Exception fault) => _reply.SetException(fault);
}
