using System.Threading.Channels;

namespace OrleansPatterns.Tests.Locks;

/// <summary>Calls of one kind, in the order in which they came. A test answers each, or <see cref="Answer"/> does.</summary>
internal sealed class ScriptedCalls<TSent, TReply>(Func<TSent, Task<TReply>>? answer = null)
{
    private readonly Channel<ScriptedCall<TSent, TReply>> _calls = Channel.CreateUnbounded<ScriptedCall<TSent, TReply>>();

    internal bool HasNext => _calls.Reader.TryPeek(out _);

    /// <summary>Answers every call; <see langword="null"/>: the test does.</summary>
    internal Func<TSent, Task<TReply>>? Answer { get; set; } = answer;

    /// <summary>A call that must have come already.</summary>
    internal ScriptedCall<TSent, TReply> Take() =>
        _calls.Reader.TryRead(out var call) ? call : throw new InvalidOperationException($"No call with {typeof(TSent)} was made, or none is left.");

    /// <summary>A call that is about to come.</summary>
    internal Task<ScriptedCall<TSent, TReply>> NextAsync() => _calls.Reader.ReadAsync(TestContext.Current.CancellationToken).Soon();

    internal Task<TReply> Add(TSent sent)
    {
        var call = new ScriptedCall<TSent, TReply>(sent);
        var reply = Answer?.Invoke(sent) ?? call.Reply;
        _calls.Writer.TryWrite(call);
        return reply;
    }
}
