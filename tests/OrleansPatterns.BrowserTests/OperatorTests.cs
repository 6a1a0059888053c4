using System.Text.RegularExpressions;

namespace OrleansPatterns.BrowserTests;

/// <summary>What an operator does at night, in a browser, on the shop as it runs.</summary>
public sealed partial class OperatorTests(RunningShop shop, Chromium chromium)
{
    private static readonly DateTime Midnight = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task StuckSaga_IsFoundOnTheOverview_Retried_AndWatchedToItsEnd()
    {
        await using var console = await chromium.OpenAsync(shop.Console);
        var cause = console.Table("Needs attention").GetByRole(AriaRole.Row).Filter(new LocatorFilterOptions { HasText = "The bank takes no refunds" });
        await console.OpenFirstAsync(cause);
        await console.BadgeSaysAsync("Stuck");
        await console.ActAsync(console.Button("Retry"), "Retry saga", "Retry saga", "the bank is open again");

        await console.BadgeSaysAsync("Compensated");
        await Assertions.Expect(console.Page.GetByText("the bank is open again")).ToBeVisibleAsync();
        await Assertions.Expect(console.Button("Retry")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Breaker_IsIsolated_CallsAreRefused_AndItIsClosedAgain()
    {
        await using var console = await chromium.OpenAsync(shop.Console, "#/breakers");
        await console.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = Inventory() }).First.ClickAsync();
        await console.BadgeSaysAsync("Closed");
        await console.ActAsync(
            console.Button("Hold"),
            "Hold breaker",
            "Hold breaker",
            "the shelves are being moved",
            asking => asking.GetByLabel("Duration").SelectOptionAsync(new SelectOptionValue { Label = "15 minutes" }));
        await console.BadgeSaysAsync("Isolated");

        // The next order comes to where it would reserve, and is told to stay out.
        await using var sagas = await chromium.OpenAsync(shop.Console, "#/sagas?phase=Running");
        await sagas.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = NightOrder() }).First.ClickAsync();
        await Assertions.Expect(sagas.Page.GetByText("IsolatedCircuitException").First).ToBeVisibleAsync();

        await console.ActAsync(console.Button("Close"), "Close breaker", "Close breaker", "the shelves stand");
        await console.BadgeSaysAsync("Closed");
        await sagas.BadgeSaysAsync("Completed");
    }

    [Fact]
    public async Task Lock_IsBroken_AndPassesOn()
    {
        await using var console = await chromium.OpenAsync(shop.Console, "#/locks/stocktaking");
        await Assertions.Expect(console.Table("Queue").GetByRole(AriaRole.Row)).ToHaveCountAsync(2);
        var holder = console.Table("Holders").GetByRole(AriaRole.Row).Nth(1);
        var before = await holder.InnerTextAsync();
        await console.ActAsync(console.Button("Break lock"), "Break lock", "Break lock", "nobody counts any more");

        await Assertions.Expect(console.Table("Queue")).ToHaveCountAsync(0);
        await Assertions.Expect(holder).Not.ToHaveTextAsync(before);
        await shop.SaysAsync("Lock 'stocktaking' has passed on.");
    }

    [Fact]
    public async Task List_HoldsStill_WhileSomebodyAimsAtARow()
    {
        await using var console = await chromium.OpenAsync(shop.Console, "#/sagas");
        var connection = console.Page.Locator("#connection");
        var newest = console.Table("Sagas").GetByRole(AriaRole.Row).Nth(1).GetByRole(AriaRole.Link).First;
        await Assertions.Expect(connection).ToHaveTextAsync("live"); // No timer of before the clock is taken over is left.
        await console.Page.Clock.InstallAsync(new ClockInstallOptions { TimeDate = Midnight });
        await console.Page.Clock.PauseAtAsync(Midnight.AddMinutes(1));
        await newest.HoverAsync();
        var aimedAt = await newest.InnerTextAsync();

        // There is a newer order, and this page knows of it.
        await using var other = await chromium.OpenAsync(shop.Console, "#/sagas");
        await Assertions.Expect(other.Table("Sagas").GetByRole(AriaRole.Row).Nth(1)).Not.ToContainTextAsync(aimedAt);
        await Assertions.Expect(connection).ToHaveTextAsync("held still");
        Assert.Equal(aimedAt, await newest.InnerTextAsync());

        await console.Page.Clock.RunForAsync(1_000);
        await Assertions.Expect(newest).Not.ToHaveTextAsync(aimedAt);
        await Assertions.Expect(connection).ToHaveTextAsync("live");

        // What it leads to is not held back: this page's clock stands still.
        await newest.ClickAsync();
        await Assertions.Expect(console.Page.Locator(".head .badge")).ToBeVisibleAsync();
    }

    [GeneratedRegex("^inventory@")]
    private static partial Regex Inventory();

    [GeneratedRegex("^night-")]
    private static partial Regex NightOrder();
}
