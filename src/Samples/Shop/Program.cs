using OrleansPatterns.StandaloneSilo;
using Shop;
using Shop.Driver;
using Shop.Processes;
using Shop.Services;

// One program plays all parts. Without SHOP_ROLE it is the driver, which starts the others as processes of their own; docker-compose.yml starts them by
// themselves.
if (args is [SelfProbe.Argument])
{
    return await SelfProbe.RunAsync();
}

switch (ProcessSettings.Role)
{
    case null:
        var configuration = new ConfigurationBuilder().AddCommandLine(args).Build();
        if (!ShopOptions.TryParse(args, configuration, out var options, out var complaint))
        {
            await Console.Error.WriteLineAsync(complaint);
            return 2;
        }

#pragma warning disable RS0030 // Where an application is put together, the real clock has to be named once.
        return await ShopDriver.RunAsync(options, TimeProvider.System);
#pragma warning restore RS0030
    case Roles.Orders:
        return await OrderService.RunAsync(ProcessSettings.FromEnvironment());
    case Roles.Inventory:
        await InventoryService.RunAsync(ProcessSettings.FromEnvironment());
        return 0;
    case Roles.Payment:
        await PaymentService.RunAsync(ProcessSettings.FromEnvironment());
        return 0;
    case Roles.Customers:
        await CustomerService.RunAsync(ProcessSettings.FromEnvironment());
        return 0;
    case var role:
        await Console.Error.WriteLineAsync(
            $"SHOP_ROLE is '{role}'; it must be {Roles.Orders}, {Roles.Inventory}, {Roles.Payment} or {Roles.Customers}, or not set for the whole demonstration.");
        return 2;
}
