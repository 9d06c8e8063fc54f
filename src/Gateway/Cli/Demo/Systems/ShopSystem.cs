namespace CacheGateway.Cli.Demo.Systems;

internal static class ShopSystem
{
    private const int Categories = 10;
    private const int Products = 20;
    private const int Baskets = 6;

    /// <param name="run">Makes this run's sessions its own, also where the database remembers an earlier run.</param>
    public static DemoSystem Create(string run)
    {
        string[] sessions = [.. Enumerable.Range(1, Baskets).Select(number => $"demo-{run}-{number}")];
        return new("shop", 10,
        [
            new("shop.categories", 14, 5,
                [.. ReadsOf.Pages("/shop/api/categories/", 2, ["", "ordering=name", "search=lamps"], "categories")]),
            new("shop.category", 6, 5, [.. ReadsOf.Items("/shop/api/categories/{id}/", Categories, "category:{id}")]),
            new("shop.products", 22, 8, [.. Lists(3, ["", "ordering=price", "ordering=-price", "ordering=name"])]),
            new("shop.products.filtered", 20, 8, [.. Lists(2, [.. Enumerable.Range(1, Categories).Select(id => $"category__id={id}")])]),
            new("shop.products.search", 14, 10, [.. Lists(2, ["search=desk", "search=mug", "search=lens", "search=red"])]),
            new("shop.product", 16, 8, [.. ReadsOf.Items("/shop/api/products/{id}/", Products, "product:{id}")
                .Select(read => read with { InnerScope = ("categoryId", "category:") })]),
            new("shop.session", 8, 8, [.. sessions.Select(Basket)]),
        ],
        [
            DemoWriteKind.EverySeconds(6, dice => Stock(dice.Between(1, Products), dice)),
            DemoWriteKind.EverySeconds(15, dice => Describe(dice.Between(1, Categories), dice)),
            DemoWriteKind.EverySeconds(5, dice => Buy(dice.Of(sessions), dice)),
        ]);
    }

    /// <summary>A product shows its category's name, so a saved category changes the lists of products too.</summary>
    private static IEnumerable<DemoRead> Lists(int pages, string[] filters) =>
        ReadsOf.Pages("/shop/api/products/", pages, filters, "products", "categories");

    /// <summary>The same address for everybody, told apart by the cookie.</summary>
    private static DemoRead Basket(string session) =>
        new("/shop/api/session/") { Session = session, Scopes = [$"basket:{session}"], Echo = [("user", session)] };

    private static DemoWrite Stock(int id, Dice dice) =>
        new(HttpMethod.Patch, $"/shop/api/products/{id}/", new { stock = dice.Between(0, 250) }, "products", $"product:{id}");

    private static DemoWrite Describe(int id, Dice dice) => new(
        HttpMethod.Patch, $"/shop/api/categories/{id}/", new { description = $"As of change {dice.Between(1, 9999)}" }, "categories", $"category:{id}");

    private static DemoWrite Buy(string session, Dice dice) =>
        new(HttpMethod.Post, "/shop/api/session/", new { productId = dice.Between(1, Products), quantity = 1 }, $"basket:{session}") { Session = session };
}
