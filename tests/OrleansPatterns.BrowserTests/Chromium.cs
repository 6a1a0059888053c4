[assembly: AssemblyFixture(typeof(OrleansPatterns.BrowserTests.Chromium))]

namespace OrleansPatterns.BrowserTests;

/// <summary>The machine's own Chromium, without a window.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        // The machine may be busy with other tests; what is waited for comes, or something is wrong.
        Assertions.SetDefaultExpectTimeout(180_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Find(),

            // Chromium refuses to run as root with its sandbox, as on CI. All it sees here is the shop.
            Args = ["--no-sandbox"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>A page of its own, with what it complains of.</summary>
    internal async Task<ConsolePage> OpenAsync(Uri console, string path = "", ColorScheme colors = ColorScheme.Light, bool isPhone = false)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = colors,
            ViewportSize = isPhone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 800 },
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(180_000);
        return await ConsolePage.OpenAsync(context, new Uri(console, path));
    }

    private static string Find() =>
        Environment.GetEnvironmentVariable("CHROMIUM_PATH")
        ?? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("There is no Chromium on the PATH. Install it ('apt-get install chromium', ...), or set CHROMIUM_PATH to one.");
}
