using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansPatterns.Tests.Sagas;

namespace OrleansPatterns.Tests.Management;

public sealed class ManagementGuardTests(MemoryCluster fixture)
{
    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public async Task Console_ThatNobodyGuards_KeepsTheApplicationFromStarting(string environment)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ManagementApp.StartAsync(fixture.Cluster, environment, app => app.MapOrleansPatterns("/ops")));
        Assert.Equal(
            "MapOrleansPatterns(\"/ops\") would let anybody see and steer everything: say who may, by .RequireAuthorization(...), or that everybody may, by "
            + ".AllowAnonymous(). Only in the environment 'Development' neither is needed.",
            refusal.Message);
    }

    [Fact]
    public async Task Console_InDevelopment_NeedsNoGuard()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        await app.ReadAsync("overview");
    }

    [Fact]
    public async Task Console_ForEverybody_IsForEverybody()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster, "Production", app => app.MapOrleansPatterns().AllowAnonymous());
        await app.ReadAsync("overview");
    }

    [Theory]
    [InlineData("/patterns")]
    [InlineData("/patterns/")]
    [InlineData("/patterns/assets/console.js")]
    [InlineData("/patterns/api/session")]
    [InlineData("/patterns/api/overview")]
    [InlineData("/patterns/api/lock?name=1")]
    public async Task Console_ForThoseWhoAreSignedIn_ShowsNothingToOthers(string path)
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster, "Production", app => app.MapOrleansPatterns().RequireAuthorization());
        using var stranger = await app.GetAsync(path);
        using var @operator = await app.GetAsync(path, user: "ann");
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        Assert.NotEqual(HttpStatusCode.Unauthorized, @operator.StatusCode);
    }

    [Fact]
    public async Task Actions_OfStrangers_AreRefused()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster, "Production", app => app.MapOrleansPatterns().RequireAuthorization());
        using var stranger = await app.PostAsync(
            "breaker/close", new { name = "b", reason = "r" }, request => request.Headers.Authorization = new("Bearer", "made up"));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task Group_ThatIsGuarded_GuardsTheConsoleInIt()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster, "Production", app => app.MapGroup("/admin").RequireAuthorization().MapOrleansPatterns());
        using var stranger = await app.GetAsync("/admin/patterns/api/overview");
        using var @operator = await app.GetAsync("/admin/patterns/api/overview", user: "ann");
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (stranger.StatusCode, @operator.StatusCode));
    }

    [Fact]
    public async Task Group_ThatNobodyGuards_StopsTheApplication()
    {
        var stopping = new TaskCompletionSource();
        await using var app = await ManagementApp.StartAsync(fixture.Cluster, "Production", app =>
        {
            app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
            app.MapGroup("/admin").MapOrleansPatterns();
        });
        await stopping.Task.Soon();
        Assert.StartsWith("Critical MapOrleansPatterns", Assert.Single(app.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApplicationWithoutACluster_IsToldWhatIsMissing()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var refusal = Assert.Throws<InvalidOperationException>(() => app.MapOrleansPatterns());
        Assert.Contains("AddOrleansPatterns()", refusal.Message, StringComparison.Ordinal);
    }
}
