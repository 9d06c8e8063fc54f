namespace CacheGateway.Cli.Demo.Systems;

/// <summary>The slow reports of the booking system, whose readers wait seconds where nothing is cached.</summary>
internal static class ReportsSystem
{
    public static DemoSystem Create() => new("reports", 2,
    [
        new("booking.revenue", 22, 650, [ReadsOf.One("/booking/api/v2/analytics/revenue", "payments")]),
        new("booking.clients", 20, 650, [ReadsOf.One("/booking/api/v2/analytics/clients", "payments")]),
        new("booking.dashboard", 26, 800, [ReadsOf.One("/booking/api/v2/dashboard", "payments", "appointments")]),
        new("booking.business", 16, 650, [ReadsOf.One("/booking/api/v2/business-intelligence", "payments")]),
        new("booking.programmes", 16, 650, [ReadsOf.One("/booking/api/v2/programme-metrics", "appointments")]),
    ],
    [
        DemoWriteKind.EverySeconds(20, Pay),
    ]);

    private static DemoWrite Pay(Dice dice)
    {
        var body = new { userId = dice.Between(1, 3000), serviceId = dice.Between(1, 80), amount = dice.Between(20, 180), paidOn = "2026-05-17" };
        return new DemoWrite(HttpMethod.Post, "/booking/api/v2/payments", body, "payments");
    }
}
