namespace CacheGateway.Cli.Demo.Systems;

internal static class BillingSystem
{
    private const int Known = 10;

    public static DemoSystem Create() => new("billing", 4,
    [
        new("billing.invoices", 26, null, [.. ReadsOf.Pages("/billing/api/invoices", 3, ["", "status=open", "user_id=7"], "invoices")]),
        new("billing.invoice", 14, null, [.. ReadsOf.Items("/billing/api/invoices/{id}", Known, "invoice:{id}")]),
        new("billing.users", 18, null, [.. ReadsOf.Pages("/billing/api/users", 3, ["", "name=an"], "billing-users")]),
        new("billing.user", 12, null, [.. ReadsOf.Items("/billing/api/users/{id}", Known, "billing-user:{id}")]),
        new("billing.products", 18, null, [.. ReadsOf.Pages("/billing/api/products", 3, ["", "name=seat"], "billing-products")]),
        new("billing.product", 12, null, [.. ReadsOf.Items("/billing/api/products/{id}", Known, "billing-product:{id}")]),
    ],
    [
        DemoWriteKind.EverySeconds(10, dice => Invoice(dice.Between(1, Known), dice)),
        DemoWriteKind.EverySeconds(10, dice => User(dice.Between(1, Known), dice)),
        DemoWriteKind.EverySeconds(10, dice => Product(dice.Between(1, Known), dice)),
    ]);

    private static DemoWrite Invoice(int id, Dice dice)
    {
        var body = new
        {
            userId = dice.Between(1, 2000),
            productId = dice.Between(1, 500),
            quantity = dice.Between(1, 20),
            total = dice.Between(5, 5000),
            status = dice.Of(["open", "paid", "overdue"]),
            issuedOn = "2026-05-17",
        };
        return new DemoWrite(HttpMethod.Put, $"/billing/api/invoices/{id}", body, "invoices", $"invoice:{id}");
    }

    private static DemoWrite User(int id, Dice dice)
    {
        var body = new { name = $"User {dice.Between(1, 9999)}", email = "user@example.org", plan = dice.Of(["free", "team", "business"]) };
        return new DemoWrite(HttpMethod.Put, $"/billing/api/users/{id}", body, "billing-users", $"billing-user:{id}");
    }

    private static DemoWrite Product(int id, Dice dice)
    {
        var body = new { name = $"Seat {dice.Between(1, 9999)}", price = dice.Between(5, 500) };
        return new DemoWrite(HttpMethod.Put, $"/billing/api/products/{id}", body, "billing-products", $"billing-product:{id}");
    }
}
