using BackendApi.Tests.Setup;

namespace BackendApi.Tests;

public sealed class BillingOnMemory(MemoryBackend backend) : BillingTests(backend), IClassFixture<MemoryBackend>;

public sealed class BillingOnPostgres(PostgresBackend backend) : BillingTests(backend), IClassFixture<PostgresBackend>;

public abstract class BillingTests(BackendFixture backend) : BackendTests(backend)
{
    private const string Invoice = """{"userId":5,"productId":6,"quantity":2,"total":99.90,"status":"open","issuedOn":"2026-03-31"}""";
    private const string User = """{"name":"Zoe","email":"zoe@example.org","plan":"team"}""";
    private const string Product = """{"name":"Kite","price":4.50}""";

    [Theory]
    [InlineData("/billing/api/invoices", Invoice, 8000)]
    [InlineData("/billing/api/users", User, 2000)]
    [InlineData("/billing/api/products", Product, 500)]
    public async Task Resource_MadeReplacedRemoved_ListAndItemFollow(string path, string body, int seeded)
    {
        Assert.Equal(seeded, (await Backend.GetAsync(path)).Int("total"));
        var made = await Backend.SendAsync(HttpMethod.Post, path, body);
        var item = $"{path}/{made.Body.Int("id")}";

        Assert.Equal((201, item), (made.Status, made.Response.Headers.Location!.ToString()));
        var list = await Backend.GetAsync(path);
        Assert.Equal((seeded + 1, made.Body.Version()), (list.Int("total"), list.Version()));

        var replaced = await Backend.SendAsync(HttpMethod.Put, item, body);
        Assert.Equal(replaced.Body.Version(), (await Backend.GetAsync(item)).Version());
        Assert.True(replaced.Body.Version() > made.Body.Version());

        var removed = await Backend.SendAsync(HttpMethod.Delete, item);
        Assert.Equal(404, (await Backend.SendAsync(HttpMethod.Get, item)).Status);
        list = await Backend.GetAsync(path);
        Assert.Equal((seeded, removed.Body.Version()), (list.Int("total"), list.Version()));
    }

    [Fact]
    public async Task Invoices_OfAUserAndStatus_OnlyMatches()
    {
        var user = (await Backend.GetAsync("/billing/api/invoices?status=paid&per_page=1")).Items()[0].Int("userId");
        var list = await Backend.GetAsync($"/billing/api/invoices?user_id={user}&status=paid");

        Assert.NotEmpty(list.Items());
        Assert.All(list.Items(), invoice => Assert.Equal((user, "paid"), (invoice.Int("userId"), invoice.Text("status"))));
    }

    [Fact]
    public async Task User_WithInvoices_CannotBeRemoved()
    {
        var user = (await Backend.GetAsync("/billing/api/invoices?per_page=1")).Items()[0].Int("userId");

        Assert.Equal(409, (await Backend.SendAsync(HttpMethod.Delete, $"/billing/api/users/{user}")).Status);
    }

    [Theory]
    [InlineData("/billing/api/invoices", """{"userId":999999,"productId":6,"quantity":2,"total":1,"status":"open","issuedOn":"2026-03-31"}""")]
    [InlineData("/billing/api/invoices", """{"userId":5,"productId":6,"quantity":2,"total":1,"status":"open","issuedOn":"31.3.2026"}""")]
    [InlineData("/billing/api/users", """{"name":"Zoe","email":"zoe@example.org","plan":"gold"}""")]
    [InlineData("/billing/api/products", """{"name":"Kite","price":99999999999}""")]
    public async Task Create_BadBody_400(string path, string body)
    {
        var answer = await Backend.SendAsync(HttpMethod.Post, path, body);

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
    }
}
