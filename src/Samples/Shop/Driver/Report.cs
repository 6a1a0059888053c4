using System.Globalization;
using Spectre.Console;

namespace Shop.Driver;

/// <summary>What each pattern did, and whether the books balance.</summary>
internal static class Report
{
    private const int FaultsShown = 5;

    public static void Show(ProgressDisplay display, Audit audit, OrderTraffic traffic, Mishaps mishaps, TimeSpan duration)
    {
        var runs = audit.Orders.Sum(order => order.HandlerRuns);
        var patterns = new Table().Title("What each pattern did").AddColumns("Pattern", "What", "Figure");
        Row(patterns, "Service discovery", "time from SIGKILL until the silo's address was pushed out of every list", Seconds(mishaps.SiloLeftAfter));
        Row(patterns, "Circuit breaker", "time from the first error of payment-2 until its breaker was open everywhere", Seconds(mishaps.BreakerOpenedAfter));
        Row(patterns, "Distributed lock", "grants, as the highest fencing token of each article, added up", Number(audit.Articles.Sum(article => article.LastToken)));
        Row(patterns, "Idempotency", "requests with a key / orders / answers replayed", $"{traffic.Requests} / {traffic.Orders.Count} / {traffic.Replays}");
        Row(patterns, "", "executions begun / of these again after a crash or an error", $"{runs} / {runs - audit.Orders.Count(order => order.HandlerRuns > 0)}");
        Row(patterns, "", "same key with another amount: sent / refused", $"{traffic.Forgeries} / {traffic.ForgeriesRefused}");
        Row(patterns, "Saga", "ended as", string.Join(", ", audit.Sagas.Select(saga => $"{saga.Count} {saga.Status}")));
        Row(patterns, "Customers", "attempts repeated after no answer, a conflict or an error", Number(traffic.Retries));
        display.Show(patterns);

        var books = new Table().Title("The books, read back from PostgreSQL").AddColumns("Rule", "Result");
        foreach (var check in audit.Checks)
        {
            books.AddRow(
                Markup.Escape(check.Rule),
                check.Faults.Count == 0 ? "[green]holds[/]" : $"[red]broken {check.Faults.Count} times[/]");
        }

        display.Show(books);
        foreach (var fault in audit.Checks.SelectMany(check => check.Faults.Take(FaultsShown)))
        {
            display.Complain(fault);
        }

        display.Say($"{traffic.Orders.Count} orders in {duration.TotalSeconds:0.0} s. {(audit.IsBalanced ? "The books balance." : "THE BOOKS DO NOT BALANCE.")}");
    }

    private static void Row(Table table, string pattern, string what, string figure) =>
        table.AddRow(Markup.Escape(pattern), Markup.Escape(what), Markup.Escape(figure));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan? duration) =>
        duration is { } value ? value.TotalSeconds.ToString("0.00 s", CultureInfo.InvariantCulture) : "not seen in this run";
}
