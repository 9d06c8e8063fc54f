using System.ComponentModel.DataAnnotations;
using BackendApi.Data;
using BackendApi.Http;

namespace BackendApi.Leads;

internal sealed record Lead : Row
{
    public static readonly string[] Statuses = ["new", "contacted", "qualified", "won", "lost"];

    public string Name { get; init; } = "";

    public string Email { get; init; } = "";

    public int CategoryId { get; init; }

    public string Status { get; init; } = "";

    /// <summary>The agent who works on it, by name.</summary>
    public string Owner { get; init; } = "";

    public decimal Value { get; init; }

    public static Table<Lead> Table { get; } = new("leads_leads", Seed)
    {
        References = [new(LeadCategory.Table.Name, lead => lead.CategoryId)],
    };

    private static IEnumerable<Lead> Seed() => Seeds.Many(6000, 21, static (seeds, number) =>
    {
        var name = seeds.PersonName();
        return new Lead
        {
            Name = name,
            Email = Seeds.EmailOf(name, number),
            CategoryId = seeds.Between(1, LeadCategory.Names.Length),
            Status = seeds.Of(Statuses),
            Owner = seeds.Of(LeadAgent.Names),
            Value = seeds.Money(100, 50_000),
        };
    });
}

internal sealed record LeadInput : IInput<Lead>
{
    [Required, StringLength(100, MinimumLength = 1)]
    public string? Name { get; init; }

    [Required, EmailAddress, StringLength(200)]
    public string? Email { get; init; }

    [Required]
    public int? CategoryId { get; init; }

    [Required, AllowedValues("new", "contacted", "qualified", "won", "lost", null)]
    public string? Status { get; init; }

    [Required, RegularExpression(Identity.NamePattern)]
    public string? Owner { get; init; }

    [Required, Range(0.0, 1_000_000_000.0)]
    public decimal? Value { get; init; }

    public Lead ApplyTo(Lead row) => row with
    {
        Name = Name ?? row.Name,
        Email = Email ?? row.Email,
        CategoryId = CategoryId ?? row.CategoryId,
        Status = Status ?? row.Status,
        Owner = Owner ?? row.Owner,
        Value = Value ?? row.Value,
    };
}
