using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Runs an action of a controller once for each <c>Idempotency-Key</c>, as <c>WithIdempotency()</c> does endpoints.</summary>
/// <remarks>
/// <para>
/// On a controller it holds for all of its actions; only the one nearest to the action counts, and it takes the place of
/// <c>MapControllers().WithIdempotency()</c> there. What is not set is as configured in <see cref="HttpIdempotencyOptions"/>, the protected
/// <see cref="HttpIdempotencyOptions.Methods"/> included. Outside of MVC it has no effect.
/// </para>
/// <para>
/// It is a resource filter: authorization comes before it, and model binding, validation, action and result filters are within, so what they
/// answer is remembered. An exception that no exception filter has handled frees the key, or is remembered by <see cref="OnServerError"/>.
/// </para>
/// <para>Settings outside their bounds fail the first request to the action with <see cref="OptionsValidationException"/>.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class IdempotentActionAttribute : Attribute, IFilterFactory, IOrderedFilter
{
    private bool? _isKeyRequired;
    private int? _waitForResultSeconds;
    private OnFailure? _onServerError;
    private OnAbandoned? _onAbandoned;
    private int? _retentionSeconds;
    private int? _maxRequestBytes;
    private int? _maxResponseBytes;

    /// <summary>See <see cref="HttpIdempotencyOptions.IsKeyRequired"/>.</summary>
    /// <value>Not set: as configured.</value>
    public bool IsKeyRequired
    {
        get => _isKeyRequired ?? true;
        set => _isKeyRequired = value;
    }

    /// <summary>See <see cref="HttpIdempotencyOptions.WaitForResult"/>, in seconds.</summary>
    /// <value>Not set: as configured. 0 to 600.</value>
    public int WaitForResultSeconds
    {
        get => _waitForResultSeconds ?? 5;
        set => _waitForResultSeconds = value;
    }

    /// <summary>See <see cref="HttpIdempotencyOptions.OnServerError"/>.</summary>
    /// <value>Not set: as configured.</value>
    public OnFailure OnServerError
    {
        get => _onServerError ?? OnFailure.Forget;
        set => _onServerError = value;
    }

    /// <summary>See <see cref="HttpIdempotencyOptions.OnAbandoned"/>.</summary>
    /// <value>Not set: as configured.</value>
    public OnAbandoned OnAbandoned
    {
        get => _onAbandoned ?? OnAbandoned.Retry;
        set => _onAbandoned = value;
    }

    /// <summary>See <see cref="HttpIdempotencyOptions.Retention"/>, in seconds.</summary>
    /// <value>Not set: as configured. At least <see cref="IdempotencyOptions.Lease"/>, at most 366 days.</value>
    public int RetentionSeconds
    {
        get => _retentionSeconds ?? 24 * 60 * 60;
        set => _retentionSeconds = value;
    }

    /// <summary>See <see cref="HttpIdempotencyOptions.MaxRequestBytes"/>.</summary>
    /// <value>Not set: as configured. 1 to 67,108,864 (64 MiB).</value>
    public int MaxRequestBytes
    {
        get => _maxRequestBytes ?? 1024 * 1024;
        set => _maxRequestBytes = value;
    }

    /// <summary>See <see cref="HttpIdempotencyOptions.MaxResponseBytes"/>.</summary>
    /// <value>Not set: as configured. 1 to 8,388,608 (8 MiB).</value>
    public int MaxResponseBytes
    {
        get => _maxResponseBytes ?? 1024 * 1024;
        set => _maxResponseBytes = value;
    }

    /// <summary>When it runs among the resource filters: those with a smaller number are outside of it, and run at each repetition.</summary>
    /// <value>Default 0.</value>
    public int Order { get; set; }

    /// <inheritdoc/>
    public bool IsReusable => true;

    /// <inheritdoc/>
    public IFilterMetadata CreateInstance(IServiceProvider serviceProvider) => new IdempotentActionFilter(
        ActivatorUtilities.CreateInstance<HttpIdempotency>(
            serviceProvider, Over(serviceProvider.GetRequiredService<IOptions<HttpIdempotencyOptions>>().Value)));

    /// <summary>A copy of the configured options with what is set here.</summary>
    internal HttpIdempotencyOptions Over(HttpIdempotencyOptions configured) => new(configured)
    {
        IsKeyRequired = _isKeyRequired ?? configured.IsKeyRequired,
        WaitForResult = _waitForResultSeconds is { } wait ? TimeSpan.FromSeconds(wait) : configured.WaitForResult,
        OnServerError = _onServerError ?? configured.OnServerError,
        OnAbandoned = _onAbandoned ?? configured.OnAbandoned,
        Retention = _retentionSeconds is { } retention ? TimeSpan.FromSeconds(retention) : configured.Retention,
        MaxRequestBytes = _maxRequestBytes ?? configured.MaxRequestBytes,
        MaxResponseBytes = _maxResponseBytes ?? configured.MaxResponseBytes,
    };
}
