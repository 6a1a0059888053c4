namespace OrleansPatterns.Discovery;

/// <summary>A call to a picked instance, which counts as under way until it ends: that is what <see cref="LoadBalancing.PowerOfTwoChoices"/> goes by.</summary>
/// <remarks>End each exactly once.</remarks>
public readonly struct ServiceCall
{
    /// <summary>A <see cref="RoutedInstance"/>, or an <see cref="ObservedInstance"/>.</summary>
    private readonly object? _called;

    /// <summary>For a registry of one's own, as in tests of code that calls <see cref="IServiceRegistry.BeginCallAsync"/>.</summary>
    /// <param name="instance">The instance to call.</param>
    /// <param name="ended">
    /// Is told how the call has ended: whether the instance did its work, or <see langword="null"/> if the end says nothing about it.
    /// </param>
    public ServiceCall(ServiceInstance instance, Action<bool?> ended)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(ended);
        _called = new ObservedInstance(instance, ended);
    }

    internal ServiceCall(RoutedInstance routed)
    {
        _called = routed;
        routed.Begin();
    }

    /// <summary>The instance to call.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(ServiceCall)</c>.</exception>
    public ServiceInstance Instance => _called switch
    {
        RoutedInstance routed => routed.Instance,
        ObservedInstance observed => observed.Instance,
        _ => throw NoCall(),
    };

    /// <summary>The call has ended. Enough failures in a row have the instance passed over for a while: see <see cref="DiscoveryOptions.EjectAfterErrors"/>.</summary>
    /// <param name="succeeded">
    /// Whether the instance did its work. A refusal that is the caller's own fault is a success. <see langword="null"/>: the end says nothing about the
    /// instance, for instance because the caller gave up.
    /// </param>
    /// <exception cref="InvalidOperationException">This is <c>default(ServiceCall)</c>.</exception>
    public void End(bool? succeeded)
    {
        if (_called is RoutedInstance routed)
        {
            routed.End(succeeded);
        }
        else
        {
            (_called as ObservedInstance ?? throw NoCall()).Ended(succeeded);
        }
    }

    private static InvalidOperationException NoCall() => new("default(ServiceCall) is no call; get one from IServiceRegistry.");

    private sealed record ObservedInstance(ServiceInstance Instance, Action<bool?> Ended);
}
