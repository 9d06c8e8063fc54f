namespace CacheGateway.Cli.Demo.Systems;

/// <summary>The five systems of the example API, with what is read and written there.</summary>
internal static class AllSystems
{
    public static IReadOnlyList<DemoSystem> Create(string run, DateOnly today) =>
    [
        ClientsSystem.Create(),
        LeadsSystem.Create(),
        ShopSystem.Create(run),
        BillingSystem.Create(),
        BookingSystem.Create(today),
        ReportsSystem.Create(),
    ];
}
