using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Whom a router calls, by what the list says of them.</summary>
public sealed class RoutingPanicTests
{
    /// <summary>
    /// Statuses by letter, one for each instance: u and w are Up and Warning; l is Down as its lease is over, h as its health check fails, s Starting
    /// until its health check passes; D, R and S are Down, Draining and Starting by their own word, O is Down by an operator's.
    /// </summary>
    [Theory]
    [InlineData("uwu", 0.5, "uwu", false)]
    [InlineData("uDRSO", 0.5, "u", false)]
    [InlineData("DRSO", 0.5, "", false)]
    [InlineData("ul", 0.5, "u", false)]
    [InlineData("ulh", 0.5, "ulh", true)]
    [InlineData("ulhDRSO", 0.5, "ulh", true)]
    [InlineData("uDDDDDD", 1, "u", false)]
    [InlineData("l", 0.5, "l", true)]
    [InlineData("s", 0.5, "s", true)]
    [InlineData("l", 0, "", false)]
    [InlineData("lhu", 0, "u", false)]
    [InlineData("uul", 1, "uul", true)]
    [InlineData("uuuuuuulll", 0.7, "uuuuuuu", false)]
    [InlineData("uuuuuuulll", 0.71, "uuuuuuulll", true)]
    public void Pick_ByStatusAndThreshold_TakesTheSuspectsOnlyInAPanic(string statuses, double threshold, string expected, bool isPanicking)
    {
        var router = new TestRouter(new DiscoveryOptions { PanicThreshold = threshold })
            .Show(statuses.Select((status, index) => Instance($"{index}", status)));
        Assert.Equal(expected, string.Concat(router.InTurn(expected.Length).Select(id => statuses[id - '0'])));
        Assert.Equal(isPanicking, router.Router.IsPanicking);
    }

    [Fact]
    public void IsPanicking_WhenTheSuspicionIsOver_IsFalse()
    {
        var router = new TestRouter().Show(Instance("a", 'l'));
        Assert.True(router.Router.IsPanicking);
        Assert.False(router.Show("a").Router.IsPanicking);
    }

    private static ServiceInstance Instance(string id, char status) => TestRouter.Instance(id) with
    {
        Status = status switch
        {
            'u' => InstanceStatus.Up,
            'w' => InstanceStatus.Warning,
            's' or 'S' => InstanceStatus.Starting,
            'R' => InstanceStatus.Draining,
            _ => InstanceStatus.Down,
        },
        StatusSource = status switch
        {
            'l' => StatusSource.Lease,
            'h' or 's' => StatusSource.HealthCheck,
            'O' => StatusSource.Operator,
            _ => StatusSource.Instance,
        },
    };
}
