using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>Runs grain methods with <see cref="IdempotentAttribute"/> once for each key.</summary>
internal sealed class IdempotentCallFilter(
    IIdempotencyStore store, IIdempotencyOperations operations, IOptions<IdempotencyOptions> options, Serializer serializer)
    : IIncomingGrainCallFilter
{
    private static readonly JsonSerializerOptions ArgumentJson = new() { IncludeFields = true };

    /// <summary>By implementation and interface. Methods without the attribute are here too, so that asking for it costs one look.</summary>
    private readonly ConcurrentDictionary<(MethodInfo? Implementation, MethodInfo? Interface), IdempotentMethod?> _methods = new();

    public Task Invoke(IIncomingGrainCallContext context)
    {
        // Also where the key is not used: what this method calls in turn is another operation.
        var call = IdempotentCall.Take();
        return _methods.GetOrAdd((context.ImplementationMethod, context.InterfaceMethod), Find) switch
        {
            null => context.Invoke(),
            var method when call.Key is { } key => InvokeOnceAsync(context, key, call.Fingerprint, method.Options),
            { IsKeyRequired: false } => context.Invoke(),
            _ => Task.FromException(new IdempotencyKeyMissingException($"{context.InterfaceName}.{context.MethodName}")),
        };
    }

    private async Task InvokeOnceAsync(IIncomingGrainCallContext context, string key, RequestFingerprint? given, IdempotencyOptions terms)
    {
        var beginning = await store.BeginAsync(new IdempotencyKey(ScopeOf(context), key), given ?? FingerprintOf(context), terms);
        if (!beginning.IsStarted)
        {
            context.Result = serializer.Deserialize<object?>(beginning.Result);
            return;
        }

        await using var execution = beginning.Execution;
        await operations.ThrowIfSealedAsync(key, CancellationToken.None);
        byte[] answer;
        try
        {
            await context.Invoke();
            answer = serializer.SerializeToArray(context.Result);
        }
        catch (Exception exception)
        {
            throw await FailedAsync(context, execution, exception);
        }

        try
        {
            await execution.CompleteAsync(answer);
        }
        catch (IdempotencyResultTooLargeException)
        {
            await execution.CompleteWithoutResultAsync(answer.Length);
            throw;
        }
    }

    /// <returns>What the caller is told.</returns>
    private static async Task<Exception> FailedAsync(IIncomingGrainCallContext context, IdempotentExecution execution, Exception exception)
    {
        if (context.Response is not { Exception: null })
        {
            var told = await execution.FailedAsync(exception);
            ExceptionDispatchInfo.Throw(told);
            return told;
        }

        // The method has answered, with what cannot be copied or serialized. It has taken effect, so it must not run again.
        var failure = IdempotencyFailure.Of(exception);
        await execution.FailAsync(failure);
        return new IdempotencyFailedException(execution.Key, failure, exception);
    }

    /// <summary>Hashed, because grain keys may be of any length and alphabet. The method with its types, which tell overloads apart.</summary>
    private static string ScopeOf(IIncomingGrainCallContext context) =>
        "grain:" + RequestFingerprint.Of(new[] { context.TargetId.ToString(), context.InterfaceName, context.InterfaceMethod.ToString() }).Value;

    private static RequestFingerprint FingerprintOf(IIncomingGrainCallContext context)
    {
        var arguments = Enumerable.Range(0, context.Request.GetArgumentCount())
            .Select(context.Request.GetArgument)
            .Where(argument => argument is not (CancellationToken or GrainCancellationToken))
            .Select(argument => argument is IAddressable reference ? reference.GetGrainId().ToString() : argument);
        try
        {
            return RequestFingerprint.Of(arguments.ToArray(), ArgumentJson);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"The arguments of {context.InterfaceName}.{context.MethodName} cannot be made JSON, by which repetitions are compared: {exception.Message} "
                + "Give a fingerprint of your own: IdempotentCall.With(key, fingerprint).",
                exception);
        }
    }

    private IdempotentMethod? Find((MethodInfo? Implementation, MethodInfo? Interface) method)
    {
        var attribute = method.Implementation?.GetCustomAttribute<IdempotentAttribute>() ?? method.Interface?.GetCustomAttribute<IdempotentAttribute>();
        if (attribute is null)
        {
            return null;
        }

        var own = attribute.OnAbandoned == OnAbandoned.None
            ? options.Value
            : new IdempotencyOptions(options.Value) { OnAbandoned = attribute.OnAbandoned };
        return new IdempotentMethod(attribute.IsKeyRequired, own);
    }

    private sealed record IdempotentMethod(bool IsKeyRequired, IdempotencyOptions Options);
}
