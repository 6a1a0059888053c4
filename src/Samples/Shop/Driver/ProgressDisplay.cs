using Spectre.Console;

namespace Shop.Driver;

/// <summary>Tells people how the run goes: a live line on a terminal, plain lines elsewhere.</summary>
internal sealed class ProgressDisplay(TimeProvider time)
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(2);

    /// <summary>A file or a pipe has no width of its own.</summary>
    private const int PlainWidth = 140;

    private readonly IAnsiConsole _console = CreateConsole();
    private readonly bool _isLive = AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;
    private readonly long _startedAt = time.GetTimestamp();

    public void Say(string text) => _console.MarkupLineInterpolated($"[grey]{Elapsed,6:0.0} s[/]  {text}");

    public void Complain(string text) => _console.MarkupLineInterpolated($"[red]{text}[/]");

    public void Show(Table table) => _console.Write(table);

    /// <summary>Shows the traffic's progress until <paramref name="work"/> ends.</summary>
    public Task FollowAsync(OrderTraffic traffic, Task work) => _isLive ? FollowLiveAsync(traffic, work) : FollowPlainAsync(traffic, work);

    private double Elapsed => time.GetElapsedTime(_startedAt).TotalSeconds;

    private static IAnsiConsole CreateConsole()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = PlainWidth;
        }

        return AnsiConsole.Console;
    }

    private Task FollowLiveAsync(OrderTraffic traffic, Task work) =>
        _console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask("orders", maxValue: traffic.Orders.Count);
                await RepeatUntilAsync(work, LiveInterval, () =>
                {
                    bar.Value = traffic.AnsweredOrders;
                    bar.Description = Markup.Escape(Describe(traffic));
                });
            });

    private Task FollowPlainAsync(OrderTraffic traffic, Task work) => RepeatUntilAsync(work, PlainInterval, () => Say(Describe(traffic)));

    private async Task RepeatUntilAsync(Task work, TimeSpan interval, Action show)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, timer.WaitForNextTickAsync().AsTask());
            show();
        }

        await work;
    }

    private static string Describe(OrderTraffic traffic) =>
        $"{traffic.AnsweredOrders} of {traffic.Orders.Count} orders: {traffic.Count(OrderTraffic.Completed)} completed, "
        + $"{traffic.Count(OrderTraffic.Compensated)} compensated, {traffic.Replays} replays, {traffic.Retries} retries";
}
