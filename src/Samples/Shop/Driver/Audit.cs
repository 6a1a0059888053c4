using System.Globalization;

namespace Shop.Driver;

/// <summary>What the books say of one article.</summary>
internal sealed record ArticleBook(string Sku, int Initial, int Available, long LastToken, long Reserved, long Shipped);

/// <summary>What the books say of one order.</summary>
internal sealed record OrderBooked(
    string OrderId, long Charges, decimal Paid, long Reservations, long Reserved, long Shipments, long HandlerRuns);

/// <summary>The books compared with what the customers were told.</summary>
internal sealed record Audit(
    IReadOnlyList<ArticleBook> Articles,
    IReadOnlyList<OrderBooked> Orders,
    IReadOnlyList<(string Status, long Count)> Sagas,
    IReadOnlyList<AuditCheck> Checks)
{
    public bool IsBalanced => Checks.All(check => check.Faults.Count == 0);

    public static Audit Of(
        IReadOnlyList<ArticleBook> articles,
        IReadOnlyList<OrderBooked> orders,
        IReadOnlyList<(string Status, long Count)> sagas,
        OrderTraffic traffic)
    {
        var told = traffic.Orders.ToDictionary(order => order.Request.OrderId, order => (order.Request, Outcome: traffic.OutcomeOf(order)));
        var completed = orders.Where(order => told[order.OrderId].Outcome == OrderTraffic.Completed).ToList();
        var compensated = orders.Where(order => told[order.OrderId].Outcome == OrderTraffic.Compensated).ToList();
        var finished = sagas.Where(saga => saga.Status is OrderTraffic.Completed or OrderTraffic.Compensated).Sum(saga => saga.Count);

        return new Audit(
            articles,
            orders,
            sagas,
            [
                AuditCheck.Of(
                    "every order was answered, and all copies of it alike",
                    traffic.Orders.Where(order => traffic.OutcomeOf(order) is not (OrderTraffic.Completed or OrderTraffic.Compensated)),
                    order => $"{order.Request.OrderId}: {traffic.OutcomeOf(order) ?? "no answer"}"),
                AuditCheck.Of(
                    "stock sold + stock left = initial stock",
                    articles.Where(article => article.Available + article.Shipped != article.Initial || article.Reserved != article.Shipped),
                    article => $"{article.Sku}: initial {article.Initial}, left {article.Available}, reserved {article.Reserved}, sold {article.Shipped}"),
                AuditCheck.Of(
                    "each completed order charged once, reserved once and shipped once",
                    completed.Where(order => order is not { Charges: 1, Reservations: 1, Shipments: 1 }
                        || order.Paid != told[order.OrderId].Request.Amount || order.Reserved != told[order.OrderId].Request.Quantity),
                    Describe),
                AuditCheck.Of(
                    "each compensated order refunded and given back, nothing shipped",
                    compensated.Where(order => order is not { Paid: 0, Reserved: 0, Shipments: 0 }),
                    Describe),
                AuditCheck.Of(
                    "no duplicate took effect",
                    orders.Where(order => order.Charges > 1 || order.Reservations > 1),
                    Describe),
                AuditCheck.Of(
                    "one saga for each order, and all of them ended",
                    finished == traffic.Orders.Count && sagas.Sum(saga => saga.Count) == finished ? [] : sagas,
                    saga => $"{saga.Count} {saga.Status}"),
            ]);
    }

    private static string Describe(OrderBooked order) => string.Create(
        CultureInfo.InvariantCulture,
        $"{order.OrderId}: {order.Charges} charges, {order.Paid} paid, {order.Reservations} reservations, {order.Reserved} held, {order.Shipments} shipped");
}

/// <summary>One rule of the books, and what breaks it.</summary>
internal sealed record AuditCheck(string Rule, IReadOnlyList<string> Faults)
{
    public static AuditCheck Of<T>(string rule, IEnumerable<T> offenders, Func<T, string> describe) => new(rule, [.. offenders.Select(describe)]);
}
