using System.Globalization;

namespace Shop;

/// <summary>What the user asked for on the command line.</summary>
/// <param name="Orders">How many different orders to send; duplicates come on top.</param>
/// <param name="ConnectionString">A database of the user's own; <see langword="null"/>: a private server is started.</param>
/// <param name="Seed">Decides which orders are sent twice, declined or undeliverable.</param>
/// <param name="Stays">Whether the shop stays open afterwards, for people to look at the console.</param>
internal sealed record ShopOptions(int Orders, string? ConnectionString, int Seed, bool Stays)
{
    private const int MinOrders = 10;
    private const int MaxOrders = 100_000;
    private const string Usage = "Usage: Shop [--orders N] [--connection-string C] [--seed N] [--stay true]";

    public static bool TryParse(string[] args, IConfiguration configuration, out ShopOptions options, out string complaint)
    {
        options = new ShopOptions(Orders: 300, configuration["connection-string"], Seed: 1, Stays: false);
        string[] known = ["--orders", "--connection-string", "--seed", "--stay"];
        var unknown = args.Where((arg, index) => index % 2 == 0).FirstOrDefault(arg => !known.Contains(arg.Split('=')[0]) && !arg.Contains('='));
        if (unknown is not null)
        {
            complaint = $"Unknown option '{unknown}'. {Usage}";
            return false;
        }

        if (configuration["orders"] is { } orders)
        {
            if (!int.TryParse(orders, CultureInfo.InvariantCulture, out var count) || count is < MinOrders or > MaxOrders)
            {
                complaint = $"--orders is '{orders}'; it must be a number from {MinOrders} to {MaxOrders}. {Usage}";
                return false;
            }

            options = options with { Orders = count };
        }

        if (configuration["seed"] is { } seed)
        {
            if (!int.TryParse(seed, CultureInfo.InvariantCulture, out var number))
            {
                complaint = $"--seed is '{seed}'; it must be a number. {Usage}";
                return false;
            }

            options = options with { Seed = number };
        }

        if (configuration["stay"] is { } stay)
        {
            if (!bool.TryParse(stay, out var stays))
            {
                complaint = $"--stay is '{stay}'; it must be true or false. {Usage}";
                return false;
            }

            options = options with { Stays = stays };
        }

        complaint = "";
        return true;
    }
}
