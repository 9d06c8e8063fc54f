using System.ComponentModel.DataAnnotations;
using BackendApi.Data;
using BackendApi.Http;

namespace BackendApi.Billing;

internal sealed record Invoice : Row
{
    private static readonly string[] Statuses = ["open", "paid", "overdue"];

    public int UserId { get; init; }

    public int ProductId { get; init; }

    public int Quantity { get; init; }

    public decimal Total { get; init; }

    public string Status { get; init; } = "";

    public DateOnly IssuedOn { get; init; }

    public static Table<Invoice> Table { get; } = new("billing_invoices", Seed)
    {
        References = [new(BillingUser.Table.Name, invoice => invoice.UserId), new(BillingProduct.Table.Name, invoice => invoice.ProductId)],
    };

    private static IEnumerable<Invoice> Seed() => Seeds.Many(8000, 43, static (seeds, _) => new Invoice
    {
        UserId = seeds.Between(1, BillingUser.SeedCount),
        ProductId = seeds.Between(1, BillingProduct.SeedCount),
        Quantity = seeds.Between(1, 20),
        Total = seeds.Money(5, 5000),
        Status = seeds.Of(Statuses),
        IssuedOn = seeds.Day(new DateOnly(2025, 1, 1), 700),
    });
}

internal sealed record InvoiceInput : IInput<Invoice>
{
    [Required]
    public int? UserId { get; init; }

    [Required]
    public int? ProductId { get; init; }

    [Required, Range(1, 10_000)]
    public int? Quantity { get; init; }

    [Required, Range(0.0, 1_000_000_000.0)]
    public decimal? Total { get; init; }

    [Required, AllowedValues("open", "paid", "overdue", null)]
    public string? Status { get; init; }

    [Required]
    public DateOnly? IssuedOn { get; init; }

    public Invoice ApplyTo(Invoice row) => row with
    {
        UserId = UserId ?? row.UserId,
        ProductId = ProductId ?? row.ProductId,
        Quantity = Quantity ?? row.Quantity,
        Total = Total ?? row.Total,
        Status = Status ?? row.Status,
        IssuedOn = IssuedOn ?? row.IssuedOn,
    };
}
