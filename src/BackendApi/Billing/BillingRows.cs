using System.ComponentModel.DataAnnotations;
using BackendApi.Data;
using BackendApi.Http;

namespace BackendApi.Billing;

internal sealed record BillingUser : Row
{
    public const int SeedCount = 2000;

    private static readonly string[] Plans = ["free", "team", "business"];

    public string Name { get; init; } = "";

    public string Email { get; init; } = "";

    public string Plan { get; init; } = "";

    public static Table<BillingUser> Table { get; } = new("billing_users", Seed);

    private static IEnumerable<BillingUser> Seed() => Seeds.Many(SeedCount, 41, static (seeds, number) =>
    {
        var name = seeds.PersonName();
        return new BillingUser { Name = name, Email = Seeds.EmailOf(name, number), Plan = seeds.Of(Plans) };
    });
}

internal sealed record BillingUserInput : IInput<BillingUser>
{
    [Required, StringLength(100, MinimumLength = 1)]
    public string? Name { get; init; }

    [Required, EmailAddress, StringLength(200)]
    public string? Email { get; init; }

    [Required, AllowedValues("free", "team", "business", null)]
    public string? Plan { get; init; }

    public BillingUser ApplyTo(BillingUser row) => row with { Name = Name ?? row.Name, Email = Email ?? row.Email, Plan = Plan ?? row.Plan };
}

internal sealed record BillingProduct : Row
{
    public const int SeedCount = 500;

    private static readonly string[] Goods = ["Backup", "Certificate", "Domain", "Licence", "Seat", "Storage", "Support", "Training"];

    public string Name { get; init; } = "";

    public decimal Price { get; init; }

    public static Table<BillingProduct> Table { get; } = new("billing_products", Seed);

    private static IEnumerable<BillingProduct> Seed() => Seeds.Many(SeedCount, 42, static (seeds, number) =>
        new BillingProduct { Name = $"{seeds.Of(Goods)} {number}", Price = seeds.Money(5, 500) });
}

internal sealed record BillingProductInput : IInput<BillingProduct>
{
    [Required, StringLength(100, MinimumLength = 1)]
    public string? Name { get; init; }

    [Required, Range(0.0, 1_000_000.0)]
    public decimal? Price { get; init; }

    public BillingProduct ApplyTo(BillingProduct row) => row with { Name = Name ?? row.Name, Price = Price ?? row.Price };
}
