using System.ComponentModel.DataAnnotations;
using BackendApi.Http;

namespace BackendApi.Shop;

internal sealed record CategoryInput : IInput<Category>
{
    [Required, StringLength(100, MinimumLength = 1)]
    public string? Name { get; init; }

    [StringLength(500)]
    public string? Description { get; init; }

    public Category ApplyTo(Category row) => row with { Name = Name ?? row.Name, Description = Description ?? row.Description };
}

internal sealed record ProductInput : IInput<Product>
{
    [Required, StringLength(100, MinimumLength = 1)]
    public string? Name { get; init; }

    [Required]
    public int? CategoryId { get; init; }

    [Required, Range(0.0, 1_000_000.0)]
    public decimal? Price { get; init; }

    [Range(0, 1_000_000)]
    public int? Stock { get; init; }

    public Product ApplyTo(Product row) => row with
    {
        Name = Name ?? row.Name,
        CategoryId = CategoryId ?? row.CategoryId,
        Price = Price ?? row.Price,
        Stock = Stock ?? row.Stock,
    };
}

internal sealed record BasketInput
{
    [Required]
    public int? ProductId { get; init; }

    [Required, Range(1, 1000)]
    public int? Quantity { get; init; }
}
