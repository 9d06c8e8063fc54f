using BackendApi.Tests.Setup;

namespace BackendApi.Tests;

public sealed class ShopOnMemory(MemoryBackend backend) : ShopTests(backend), IClassFixture<MemoryBackend>;

public sealed class ShopOnPostgres(PostgresBackend backend) : ShopTests(backend), IClassFixture<PostgresBackend>;

public abstract class ShopTests(BackendFixture backend) : BackendTests(backend)
{
    [Fact]
    public async Task Products_CategorySearchAndOrdering_TogetherHold()
    {
        var list = await Backend.GetAsync("/shop/api/products/?category__id=3&search=DESK&ordering=-price&per_page=100");

        Assert.NotEmpty(list.Items());
        Assert.All(list.Items(), product => Assert.Equal(3, product.Int("categoryId")));
        Assert.All(list.Items(), product => Assert.Contains("Desk", product.Text("name"), StringComparison.Ordinal));
        var prices = list.Items().Select(product => product.Decimal("price")).ToArray();
        Assert.Equal(prices.OrderDescending(), prices);
    }

    [Fact]
    public async Task Products_OrderedByName_ByCodePointThenId()
    {
        var products = (await Backend.GetAsync("/shop/api/products/?ordering=name&per_page=100&page=3")).Items();

        Assert.Equal(products.OrderBy(product => product.Text("name"), StringComparer.Ordinal).ThenBy(product => product.Int("id")), products);
    }

    [Theory]
    [InlineData("ordering=color", "ordering")]
    [InlineData("category__id=x", "category__id")]
    [InlineData("page=0", "page")]
    public async Task Products_BadParameter_ProblemNamesIt(string query, string name)
    {
        var answer = await Backend.SendAsync(HttpMethod.Get, $"/shop/api/products/?{query}");

        Assert.Equal(400, answer.Status);
        Assert.Equal([name], answer.Body.Names("errors"));
    }

    [Fact]
    public async Task Category_Saved_ChangesItsProductsAndTheirLists()
    {
        var product = (await Backend.GetAsync("/shop/api/products/?category__id=7&per_page=1")).Items()[0];

        var saved = await Backend.SendAsync(HttpMethod.Patch, "/shop/api/categories/7/", new { name = "Renamed" });

        var after = await Backend.GetAsync($"/shop/api/products/{product.Int("id")}/");
        Assert.Equal("Renamed", after.Text("categoryName"));
        Assert.Equal(saved.Body.Version(), after.Version());
        Assert.Equal(saved.Body.Version(), (await Backend.GetAsync("/shop/api/products/?search=mug")).Version());
        Assert.Equal(saved.Body.Version(), (await Backend.GetAsync("/shop/api/categories/")).Version());
        Assert.Equal("Renamed", (await Backend.GetAsync("/shop/api/categories/?search=renam")).Items()[0].Text("name"));
    }

    [Fact]
    public async Task Product_Saved_LeavesTheCategoriesAlone()
    {
        var categories = (await Backend.GetAsync("/shop/api/categories/")).Version();

        var saved = await Backend.SendAsync(HttpMethod.Patch, "/shop/api/products/11/", new { price = 12.34m });

        Assert.Equal(200, saved.Status);
        Assert.True(saved.Body.Version() > categories);
        Assert.Equal(categories, (await Backend.GetAsync("/shop/api/categories/")).Version());
        Assert.Equal(saved.Body.Version(), (await Backend.GetAsync("/shop/api/products/")).Version());
    }

    [Fact]
    public async Task Patch_OneMember_KeepsTheOthers_PutNeedsAll()
    {
        var before = await Backend.GetAsync("/shop/api/products/12/");

        var patched = (await Backend.SendAsync(HttpMethod.Patch, "/shop/api/products/12/", new { stock = 5 })).Body;
        Assert.Equal((5, before.Text("name"), before.Decimal("price")), (patched.Int("stock"), patched.Text("name"), patched.Decimal("price")));
        var put = await Backend.SendAsync(HttpMethod.Put, "/shop/api/products/12/", new { stock = 6 });
        Assert.Equal(["name", "categoryId", "price"], put.Body.Names("errors"));
        var bad = await Backend.SendAsync(HttpMethod.Patch, "/shop/api/products/12/", new { price = -0.4m, name = "" });
        Assert.Equal(["name", "price"], bad.Body.Names("errors"));
    }

    [Fact]
    public async Task Constraints_Hold()
    {
        var versions = (await Backend.GetAsync("/shop/api/products/")).Version();

        Assert.Equal(409, (await Backend.SendAsync(HttpMethod.Delete, "/shop/api/categories/5/")).Status);
        Assert.Equal(409, (await Backend.SendAsync(HttpMethod.Post, "/shop/api/categories/", new { name = "Basic Books" })).Status);
        Assert.Equal(400, (await Backend.SendAsync(HttpMethod.Patch, "/shop/api/products/5/", new { categoryId = 9999 })).Status);
        Assert.Equal(versions, (await Backend.GetAsync("/shop/api/products/")).Version());
    }

    [Fact]
    public async Task NewCategoryAndProduct_MadeAndRemoved()
    {
        var category = (await Backend.SendAsync(HttpMethod.Post, "/shop/api/categories/", new { name = "Kites" })).Body;
        var product = await Backend.SendAsync(
            HttpMethod.Post, "/shop/api/products/", new { name = "Big Kite", categoryId = category.Int("id"), price = 40, stock = 2 });
        Assert.Equal((201, "Kites"), (product.Status, product.Body.Text("categoryName")));
        Assert.Equal(1, (await Backend.GetAsync($"/shop/api/products/?category__id={category.Int("id")}")).Int("total"));

        Assert.Equal(200, (await Backend.SendAsync(HttpMethod.Delete, $"/shop/api/products/{product.Body.Int("id")}/")).Status);
        Assert.Equal(200, (await Backend.SendAsync(HttpMethod.Delete, $"/shop/api/categories/{category.Int("id")}/")).Status);
        Assert.Equal(404, (await Backend.SendAsync(HttpMethod.Get, $"/shop/api/categories/{category.Int("id")}/")).Status);
    }

    [Fact]
    public async Task Session_WithoutCookie_MakesANewOneEachTime()
    {
        var first = await Backend.SendAsync(HttpMethod.Get, "/shop/api/session/");
        var second = await Backend.SendAsync(HttpMethod.Get, "/shop/api/session/");

        Assert.StartsWith($"sessionid={first.Body.Text("user")};", Assert.Single(first.Response.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.NotEqual(first.Body.Text("user"), second.Body.Text("user"));
        Assert.Equal(0, first.Body.Version());
    }

    [Fact]
    public async Task Session_TwoCookies_TwoBaskets()
    {
        await Backend.SendAsync(HttpMethod.Post, "/shop/api/session/", new { productId = 3, quantity = 2 }, cookie: "sessionid=one");
        var added = await Backend.SendAsync(HttpMethod.Post, "/shop/api/session/", new { productId = 3, quantity = 1 }, cookie: "sessionid=one");

        var one = await Backend.SendAsync(HttpMethod.Get, "/shop/api/session/", cookie: "theme=dark; sessionid=one");
        var two = await Backend.GetAsync("/shop/api/session/", cookie: "sessionid=two");
        Assert.Equal((3, 3), (one.Body.Items()[0].Int("productId"), one.Body.Items()[0].Int("quantity")));
        Assert.Equal(added.Body.Version(), one.Body.Version());
        Assert.False(one.Response.Headers.Contains("Set-Cookie"));
        Assert.Equal(("two", 0), (two.Text("user"), two.Items().Length));
    }

    [Theory]
    [InlineData(999999, 1, "productId")]
    [InlineData(3, 0, "quantity")]
    public async Task Basket_BadLine_400(int product, int quantity, string name)
    {
        var answer = await Backend.SendAsync(HttpMethod.Post, "/shop/api/session/", new { productId = product, quantity }, cookie: "sessionid=bad");

        Assert.Equal(400, answer.Status);
        Assert.Equal([name], answer.Body.Names("errors"));
    }
}
