using Shop;
using Shop.Driver;
using Shop.Processes;
using Shop.Services;

// One program plays all parts: without --role it is the driver, which starts the others as processes of their own.
var configuration = new ConfigurationBuilder().AddCommandLine(args).Build();
switch (configuration["role"])
{
    case null:
        if (!ShopOptions.TryParse(args, configuration, out var options, out var complaint))
        {
            await Console.Error.WriteLineAsync(complaint);
            return 2;
        }

#pragma warning disable RS0030 // Where an application is put together, the real clock has to be named once.
        return await ShopDriver.RunAsync(options, TimeProvider.System);
#pragma warning restore RS0030
    case Roles.Silo:
        await OrderService.RunAsync(ProcessSettings.FromEnvironment());
        return 0;
    case Roles.Inventory:
        await InventoryService.RunAsync(ProcessSettings.FromEnvironment());
        return 0;
    case Roles.Payment:
        await PaymentService.RunAsync(ProcessSettings.FromEnvironment());
        return 0;
    case var role:
        await Console.Error.WriteLineAsync($"Unknown role '{role}'.");
        return 2;
}
