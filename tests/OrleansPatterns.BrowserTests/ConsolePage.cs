using System.Collections.Concurrent;
using System.Text.Json;

namespace OrleansPatterns.BrowserTests;

/// <summary>One page of the console in a browser of its own. At its end there must have been no complaint, above all none of the content security policy.</summary>
internal sealed class ConsolePage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    private ConsolePage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue(message.Text);
            }
        };
    }

    internal IPage Page { get; }

    /// <summary>Waits until the page says so of what it is about. If it does not, the failure has all that the page says instead: there the cause stands.</summary>
    internal async Task BadgeSaysAsync(string words)
    {
        try
        {
            await Assertions.Expect(Page.Locator(".head .badge")).ToContainTextAsync(words);
        }
        catch (PlaywrightException failure)
        {
            Assert.Fail($"{failure.Message}{Environment.NewLine}The page:{Environment.NewLine}{await Page.Locator("body").InnerTextAsync()}");
        }
    }

    internal static async Task<ConsolePage> OpenAsync(IBrowserContext context, Uri address)
    {
        var page = new ConsolePage(context, await context.NewPageAsync());
        await page.Page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    /// <summary>Presses a button that asks why, says so, and confirms.</summary>
    internal async Task ActAsync(ILocator button, string dialog, string confirm, string reason, Func<ILocator, Task>? choose = null)
    {
        await button.ClickAsync();
        var asking = Page.GetByRole(AriaRole.Dialog, new PageGetByRoleOptions { Name = dialog, Exact = true });
        await Assertions.Expect(asking.GetByLabel("Reason")).ToBeFocusedAsync();
        if (choose is not null)
        {
            await choose(asking);
        }

        await asking.GetByLabel("Reason").FillAsync(reason);
        await asking.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = confirm, Exact = true }).ClickAsync();
        await Assertions.Expect(asking).ToBeHiddenAsync();
    }

    /// <summary>Opens the first thing that is listed, and gives its name. Rows move while others come: what is clicked has been chosen by its address, not its place.</summary>
    internal async Task<string> OpenFirstAsync(ILocator rows)
    {
        var link = await rows.GetByRole(AriaRole.Link).First.EvaluateAsync<string[]>("link => [link.innerText, link.getAttribute('href')]");
        await Page.Locator("main").Locator($"a[href={JsonSerializer.Serialize(link[1])}]").ClickAsync();
        await Assertions.Expect(Heading(link[0])).ToBeVisibleAsync();
        return link[0];
    }

    internal ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    internal ILocator Table(string name) => Page.GetByRole(AriaRole.Table, new PageGetByRoleOptions { Name = name, Exact = true });

    internal ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = name, Level = 1, Exact = true });

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_complaints);
    }
}
