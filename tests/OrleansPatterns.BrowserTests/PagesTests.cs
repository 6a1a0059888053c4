namespace OrleansPatterns.BrowserTests;

/// <summary>Every page, light and dark, on a desk and on a phone: it shows what it is about, complains of nothing, and nothing of it sticks out.</summary>
/// <remarks><c>ORLEANSPATTERNS_SCREENSHOTS</c> names a folder to keep pictures in; the README's are from here.</remarks>
public sealed class PagesTests(RunningShop shop, Chromium chromium)
{
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("ORLEANSPATTERNS_SCREENSHOTS");

    public static TheoryData<string, string, string> Pages { get; } = new()
    {
        { "overview", "#/", "Overview" },
        { "sagas", "#/sagas", "Sagas" },
        { "breakers", "#/breakers", "Circuit breakers" },
        { "services", "#/services", "Services" },
        { "service", "#/services/payment", "payment" },
        { "missing-key", "#/idempotency/shop/none", "none" },
        { "locks", "#/locks", "Locks" },
        { "lock", "#/locks/stocktaking", "stocktaking" },
        { "idempotency", "#/idempotency", "Idempotency keys" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_IsWhole_InEveryThemeAndWidth(string name, string path, string heading)
    {
        foreach (var (colors, isPhone) in new[] { (ColorScheme.Light, false), (ColorScheme.Dark, false), (ColorScheme.Light, true), (ColorScheme.Dark, true) })
        {
            await using var console = await chromium.OpenAsync(shop.Console, path, colors, isPhone);
            await Assertions.Expect(console.Heading(heading)).ToBeVisibleAsync();
            await AssertWholeAsync(console, $"{name}-{colors}{(isPhone ? "-phone" : "")}");
        }
    }

    /// <summary>Of things whose names the shop makes up: the first in the list.</summary>
    [Theory]
    [InlineData("saga", "#/sagas?phase=Completed", "Sagas")]
    [InlineData("saga-undone", "#/sagas?phase=Compensated", "Sagas")]
    [InlineData("breaker", "#/breakers", "Circuit breakers")]
    public async Task FirstOfAList_IsWhole_InEveryThemeAndWidth(string name, string list, string table)
    {
        foreach (var (colors, isPhone) in new[] { (ColorScheme.Light, false), (ColorScheme.Dark, false), (ColorScheme.Light, true), (ColorScheme.Dark, true) })
        {
            await using var console = await chromium.OpenAsync(shop.Console, list, colors, isPhone);
            await console.OpenFirstAsync(console.Table(table));
            await AssertWholeAsync(console, $"{name}-{colors}{(isPhone ? "-phone" : "")}");
        }
    }

    [Fact]
    public async Task Keys_LeadToEveryPage()
    {
        await using var console = await chromium.OpenAsync(shop.Console);
        foreach (var (key, heading) in new[] { ("s", "Sagas"), ("b", "Circuit breakers"), ("d", "Services"), ("l", "Locks"), ("i", "Idempotency keys"), ("o", "Overview") })
        {
            await console.Page.Keyboard.PressAsync("g");
            await console.Page.Keyboard.PressAsync(key);
            await Assertions.Expect(console.Heading(heading)).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task NameThatIsMarkup_IsText()
    {
        const string name = "<script>document.title='taken'</script><img src=x onerror=document.title='taken'>";
        await using var console = await chromium.OpenAsync(shop.Console, $"#/locks/{Uri.EscapeDataString(name)}");
        await Assertions.Expect(console.Heading(name)).ToBeVisibleAsync();
        Assert.NotEqual("taken", await console.Page.TitleAsync());
        Assert.Equal(0, await console.Page.Locator("main script, main img").CountAsync());
    }

    private static async Task AssertWholeAsync(ConsolePage console, string name)
    {
        await Assertions.Expect(console.Page.Locator("#connection")).ToHaveAttributeAsync("data-state", "live");
        Assert.True(await console.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), $"{name} is wider than its window.");
        if (Pictures is not null)
        {
            await console.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Pictures, $"{name}.png".ToLowerInvariant()) });
        }
    }
}
