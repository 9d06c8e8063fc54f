using BackendApi.Data;
using BackendApi.Http;

namespace BackendApi.Shop;

internal static class ShopApi
{
    public static void AddShop(this IServiceCollection services)
    {
        services.AddTable(Category.Table);
        services.AddTable(Product.Table);
        services.AddTable(BasketLine.Table);
    }

    public static void MapShop(this IEndpointRouteBuilder routes)
    {
        var shop = routes.MapGroup("/shop/api");
        shop.MapRead("/categories/", "shop.categories", ListCategoriesAsync);
        shop.MapItem<Category>("/categories", "shop.category");
        shop.MapWrites<Category, CategoryInput>("/categories", "shop.write", "category");
        shop.MapPatch<Category, CategoryInput>("/categories", "shop.write", "category.saved");

        shop.MapRead("/products/", CostOfProducts, ListProductsAsync);
        shop.MapItem<Product>("/products", "shop.product");
        shop.MapWrites<Product, ProductInput>("/products", "shop.write", "product");
        shop.MapPatch<Product, ProductInput>("/products", "shop.write", "product.saved");

        shop.MapBasket();
    }

    /// <summary>A search costs most, a filter more than the plain list.</summary>
    private static string CostOfProducts(HttpRequest request) =>
        !string.IsNullOrEmpty(request.Query["search"]) ? "shop.products.search" :
        !string.IsNullOrEmpty(request.Query["category__id"]) ? "shop.products.filtered" :
        "shop.products";

    private static async Task<IResult> ListCategoriesAsync(HttpRequest request, IRows<Category> categories, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var wanted = query.Page().Where("name", query.Text("search"), Match.Contains) with { Orders = query.Ordering("id", "name") };
        return query.Problem ?? Results.Ok(await categories.ListAsync(wanted, cancellation));
    }

    private static async Task<IResult> ListProductsAsync(HttpRequest request, IRows<Product> products, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var wanted = query.Page()
            .Where("category_id", query.Integer("category__id"))
            .Where("name", query.Text("search"), Match.Contains) with
        { Orders = query.Ordering("id", "name", "price", "stock") };
        return query.Problem ?? Results.Ok(await products.ListAsync(wanted, cancellation));
    }
}
