using System.ComponentModel.DataAnnotations.Schema;
using BackendApi.Data;

namespace BackendApi.Shop;

internal sealed record Category : Row
{
    public const int SeedCount = 60;

    private static readonly string[] Kinds = ["Bags", "Books", "Cameras", "Chairs", "Garden", "Kitchen", "Lamps", "Music", "Shoes", "Tools"];
    private static readonly string[] Lines = ["Basic", "Classic", "Junior", "Outdoor", "Premium", "Travel"];

    public string Name { get; init; } = "";

    public string Description { get; init; } = "";

    public static Table<Category> Table { get; } = new("shop_categories", Seed) { Unique = category => category.Name };

    private static IEnumerable<Category> Seed() => Enumerable.Range(0, SeedCount).Select(number =>
    {
        var name = $"{Lines[number / Kinds.Length]} {Kinds[number % Kinds.Length]}";
        return new Category { Name = name, Description = $"Everything in {name.ToLowerInvariant()}" };
    });
}

internal sealed record Product : Row
{
    private static readonly string[] Adjectives =
        ["Blue", "Compact", "Durable", "Folding", "Green", "Heavy", "Light", "Quiet", "Red", "Round", "Silver", "Smart"];

    private static readonly string[] Things =
        ["Backpack", "Bench", "Board", "Case", "Clock", "Desk", "Drill", "Kettle", "Lens", "Mug", "Radio", "Sandal", "Stool", "Tripod"];

    public string Name { get; init; } = "";

    public int CategoryId { get; init; }

    /// <summary>Joined in on reading; so a saved category changes its products too.</summary>
    [NotMapped]
    public string CategoryName { get; init; } = "";

    public decimal Price { get; init; }

    public int Stock { get; init; }

    public static Table<Product> Table { get; } = new("shop_products", Seed)
    {
        ReadFrom = "shop_products_with_category",
        Sources = ["shop_products", Category.Table.Name],
        References = [new(Category.Table.Name, product => product.CategoryId)],
        Shape = static (snapshot, product) =>
        {
            var category = snapshot.Rows<Category>(Category.Table.Name)[product.CategoryId];
            return product with { CategoryName = category.Name, Version = Math.Max(product.Version, category.Version) };
        },
    };

    private static IEnumerable<Product> Seed() => Seeds.Many(6000, 31, static (seeds, number) => new Product
    {
        Name = $"{seeds.Of(Adjectives)} {seeds.Of(Things)} {number}",
        CategoryId = seeds.Between(1, Category.SeedCount),
        Price = seeds.Money(3, 900),
        Stock = seeds.Between(0, 250),
    });
}

/// <summary>So many of a product, put into the basket of a session at once.</summary>
internal sealed record BasketLine : Row
{
    public string SessionId { get; init; } = "";

    public int ProductId { get; init; }

    public int Quantity { get; init; }

    public static Table<BasketLine> Table { get; } = new("shop_basket_lines", static () => []);
}
